# shellcheck shell=sh
# The database for the length of one command, and a program that runs until it ends or a signal
# ends it.

# shellcheck source=scripts/postgres.sh
. "$root/scripts/postgres.sh"
# shellcheck source=scripts/build.sh
. "$root/scripts/build.sh"

child=
child_leads=
signals=0
temporary=
server_was_started=
database_is_open=
# What else a command has to do when it ends, however it ends.
at_end=
# What it prints when all else is done and said.
last_line=

begin_session() {
    # The child runs in the background and would read nothing, so it gets our standard input by hand.
    exec 3<&0
    trap 'end_session' EXIT
    trap 'interrupted INT' INT
    trap 'interrupted TERM' TERM
    trap 'interrupted HUP' HUP
}

end_session() {
    ended=$?
    trap '' INT TERM HUP
    trap - EXIT
    if [ -n "$at_end" ]; then
        "$at_end"
    fi
    if [ -n "$temporary" ]; then
        rm -rf -- "$temporary"
    fi
    # In a shell of its own, so that the last line is said also where this fails.
    (close_database) || ended=1
    if [ -n "$last_line" ]; then
        printf '%s\n' "$last_line"
    fi
    exit "$ended"
}

# A shell runs its traps between commands, so whatever takes long runs as a child that is waited
# for. The first signal asks the child to end, the second one ends it.
interrupted() {
    signals=$((signals + 1))
    signal=$1
    if [ -z "$child" ]; then
        exit "$(signal_status)"
    elif [ "$signals" -eq 1 ]; then
        signal_child TERM
    else
        signal_child KILL
    fi
}

signal_child() {
    if [ -n "$child_leads" ]; then
        kill -s "$1" -- "-$child" 2>/dev/null || true
    else
        kill -s "$1" "$child" 2>/dev/null || true
    fi
}

signal_status() {
    case $signal in
    HUP) echo 129 ;;
    INT) echo 130 ;;
    *) echo 143 ;;
    esac
}

# Starts a program in the background; should this script be killed, the kernel ends the program.
start_child() {
    if setpriv --pdeathsig TERM true 2>/dev/null; then
        setpriv --pdeathsig TERM "$@" <&3 3<&- 9>&- &
    else
        "$@" <&3 3<&- 9>&- &
    fi
    child=$!
}

# Returns the program's exit status; a signal to this script makes wait return early.
wait_for_child() {
    while :; do
        heard=$signals
        status=0
        wait "$child" || status=$?
        if [ "$heard" -eq "$signals" ]; then
            break
        fi
    done
    child=
    return "$status"
}

run_child() {
    start_child "$@"
    finish_child
}

# For a program that starts others and does not end them when it is ended: it leads a group of its
# own, which gets the signals as a whole.
run_family() {
    if ! has setsid; then
        run_child "$@"
        return
    fi
    # The database's users are counted by who has 8 open; those of the family go when we go.
    setsid "$@" <&3 3<&- 8>&- 9>&- &
    child=$!
    child_leads=yes
    finish_child
}

finish_child() {
    outcome=0
    ended_child=$child
    wait_for_child || outcome=$?
    if [ -n "$child_leads" ]; then
        end_family "$ended_child"
    fi
    child_leads=
    [ "$signals" -eq 0 ] || exit "$(signal_status)"
    return "$outcome"
}

# Whoever is left of the group would write into files that are being removed.
end_family() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
        kill -s 0 -- "-$1" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -s KILL -- "-$1" 2>/dev/null || true
}

# Has the database running, and leaves word that it is in use.
open_database() {
    if foreign_database; then
        return
    fi
    make_home
    mkdir -p -- "$pg"
    if has flock; then
        exec 8>"$pg/users"
        flock -s 8
    fi
    database_is_open=yes
    start_database
    if [ -n "$server_was_started" ]; then
        : >"$pg/started-by-command"
    fi
    # Tests stop and start the server through ./bifrost db, after which it is still ours to stop.
    BIFROST_SESSION=
    if [ -f "$pg/started-by-command" ]; then
        BIFROST_SESSION=$$
    fi
    export BIFROST_SESSION
}

# Stops the server when a command had started it (be it one that was killed since) and no other
# command uses it.
close_database() {
    if [ -z "$database_is_open" ] || [ ! -f "$pg/started-by-command" ]; then
        return
    fi
    if has flock && ! flock -n -x 8 2>/dev/null; then
        return
    fi
    take_setup_lock
    stop_database || true
    free_setup_lock
}

# What the programs get to know about their database.
export_database() {
    if ! foreign_database; then
        BIFROST_DATABASE=$(owner_url)
        forget_connection
    fi
    export BIFROST_DATABASE
}

apply_schema() {
    (export_database && exec dotnet "$cli" schema) >&2 || fail "the schema could not be applied"
}
