# shellcheck shell=sh
# ./bifrost db: the commands a person or another command uses on the database server.

# shellcheck source=scripts/postgres.sh
. "$root/scripts/postgres.sh"

db_usage() {
    cat <<'USAGE'
./bifrost db COMMAND: the private database server under BIFROST_HOME

  start              set it up (once) and start it; does nothing when it runs
  stop               stop it; the data stays
  status             what it is, where it listens, its size; exit 0 running, 1 not
  url [--superuser]  the Npgsql connection string of the owner (or of the superuser)
  psql [ARGS…]       psql as the owner of the database; ARGS go to psql
  reset [--yes]      drop the database with everything in it and create it empty

With BIFROST_DATABASE set, url, psql and status speak of that server; start and stop leave it alone.
USAGE
}

db_command() {
    action=${1:-}
    [ $# -eq 0 ] || shift
    case $action in
    '')
        db_usage
        exit 2
        ;;
    help | --help | -h)
        db_usage
        return
        ;;
    psql)
        db_psql "$@"
        return
        ;;
    start | stop | status | url | reset) ;;
    *) usage_error "there is no command 'db $action'" ;;
    esac
    if wants_help "$@"; then
        db_usage
        return
    fi
    case $action:$# in
    *:0) ;;
    url:1) [ "$1" = --superuser ] || usage_error "db url knows --superuser only, not '$1'" ;;
    reset:1) [ "$1" = --yes ] || usage_error "db reset knows --yes only, not '$1'" ;;
    *) usage_error "too much after 'db $action': $*" ;;
    esac
    "db_$action" "$@"
}

db_start() {
    if foreign_database; then
        say "BIFROST_DATABASE is set: that server is used as it is, nothing to start"
        return
    fi
    start_database
    # From here on the server stays up until 'db stop', also when a command had started it; unless
    # this runs inside such a command.
    if [ -n "${BIFROST_SESSION:-}" ]; then
        : >"$pg/started-by-command"
    else
        rm -f -- "$pg/started-by-command"
    fi
    say "PostgreSQL runs on 127.0.0.1:$(value_of "$pg/port")"
}

db_stop() {
    if foreign_database; then
        say "BIFROST_DATABASE is set: that server is left alone, nothing to stop"
        return
    fi
    if ! database_is_set_up && [ ! -d "$pg" ]; then
        say "no database is set up in $BIFROST_HOME, nothing to stop"
        return
    fi
    take_setup_lock
    if stop_database; then
        say "stopped"
    else
        say "it was not running"
    fi
    free_setup_lock
}

db_url() {
    if foreign_database; then
        [ $# -eq 0 ] || fail "the superuser of BIFROST_DATABASE's server is not known here"
        printf '%s\n' "$BIFROST_DATABASE"
        return
    fi
    database_is_set_up || fail "no database is set up in $BIFROST_HOME; './bifrost db start' does that"
    if [ $# -eq 0 ]; then
        owner_url
    else
        superuser_url
    fi
}

db_psql() {
    if foreign_database; then
        use_connection "$BIFROST_DATABASE"
        has psql || fail "psql is not installed; install postgresql-client"
        exec psql "$@"
    fi
    if database_is_set_up && database_is_running; then
        load_server
    else
        start_database
    fi
    use_connection "$(owner_url)"
    client psql "$@"
}

db_status() {
    if foreign_database; then
        foreign_status
        return
    fi
    if ! database_is_set_up; then
        printf 'server       none is set up in %s\n' "$BIFROST_HOME"
        exit 1
    fi
    load_server
    printf 'server       PostgreSQL %s, %s\n' "$(value_of "$pg/version")" "$(describe_kind)"
    printf 'address      127.0.0.1:%s\n' "$(value_of "$pg/port")"
    printf 'timescaledb  %s\n' "$(value_of "$pg/timescaledb")"
    printf 'bars         %s\n' "$(describe_bars)"
    printf 'data         %s\n' "$(describe_size)"
    if database_is_running; then
        printf 'state        running\n'
    else
        printf 'state        stopped\n'
        exit 1
    fi
}

# As the server says it in /health/ready.
describe_bars() {
    case $(value_of "$pg/timescaledb") in
    absent) echo 'plain tables; rollups and retention by Bifrost' ;;
    *Apache*) echo 'hypertables; rollups and retention by Bifrost, no compression' ;;
    *) echo "hypertables; compression and retention by TimescaleDB's policies, rollups by Bifrost" ;;
    esac
}

foreign_status() {
    printf 'server       the one that BIFROST_DATABASE names\n'
    has psql || fail "psql is not installed, so its state is not known; install postgresql-client"
    # shellcheck disable=SC2030  # The subshell keeps the connection's variables from the caller.
    if version=$(use_connection "$BIFROST_DATABASE" && psql -XAtqc 'SHOW server_version' 2>&1); then
        printf 'version      PostgreSQL %s\nstate        running\n' "$version"
    else
        printf 'state        no answer: %s\n' "$version"
        exit 1
    fi
}

db_reset() {
    if foreign_database; then
        fail "BIFROST_DATABASE is set: reset drops the private database only"
    fi
    database_is_set_up || fail "no database is set up in $BIFROST_HOME, nothing to reset"
    if [ $# -eq 0 ]; then
        if [ ! -t 0 ]; then
            say "reset deletes every event and needs --yes when nobody can be asked"
            exit 2
        fi
        printf "This deletes everything in the database of %s. Type 'yes' to go on: " "$BIFROST_HOME" >&2
        answer=
        read -r answer || true
        [ "$answer" = yes ] || fail "nothing was changed"
    fi
    was_running=no
    if database_is_running; then
        was_running=yes
    fi
    start_database
    take_setup_lock
    drop_and_create_database || fail "the database could not be recreated; see the message above"
    if [ "$was_running" = no ]; then
        stop_database
    fi
    free_setup_lock
    say "database bifrost is new and empty"
}
