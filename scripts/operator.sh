# shellcheck shell=sh
# The operator's commands: the program knows them, this only sees to its database.

# shellcheck source=scripts/session.sh
. "$root/scripts/session.sh"

operator_command() {
    if wants_help "$@" || works_offline "$@"; then
        build
        exec dotnet "$cli" "$@"
    fi
    begin_session
    build
    open_database
    apply_schema
    export_database
    # Where other revisions of the program can be had from.
    export BIFROST_ROOT="$root"
    run_child dotnet "$cli" "$@"
}

# An auditor checks an export where there is no server and no database.
works_offline() {
    [ "$1" = audit ] && [ "${2:-}" = verify ] || return 1
    for argument in "$@"; do
        case $argument in
        --export | --export=*) return 0 ;;
        esac
    done
    return 1
}
