# shellcheck shell=sh
# ./bifrost run: the whole system in the foreground.

# shellcheck source=scripts/session.sh
. "$root/scripts/session.sh"

run_usage() {
    cat <<'USAGE'
./bifrost run [ARGS…]: start the database, build, bring the schema up to date and serve on
127.0.0.1:8000 (BIFROST_PORT) until Ctrl-C. ARGS go to the server:

  --port N                  another port
  --listen ADDRESS          another address; without API keys or a token issuer loopback only
  --cluster NAME            be a node of the cluster of this name: see docs/cluster.md
  --logs text|json          how to log
  --feed none|simulated     with or without the simulated market, whose symbols begin with SIM.
  --feed-seed N             the same seed makes the same prices
  --watch FOLDER            load files of bars that are put into its folders min, hour and day
  --poll URL                get bars from there; {symbol}, {from} and {fromEpoch} are filled in
  --poll-symbols SYMBOL…    what to ask for
  --poll-interval INTERVAL  how long its bars are: min, hour or day
  --poll-seconds N          how often
  --poll-time-zone ZONE     of times without an offset, instead of UTC

With BIFROST_DATABASE set, that server is used instead of a private one.
USAGE
}

run_command() {
    if wants_help "$@"; then
        run_usage
        return
    fi
    has dotnet || require_dotnet
    make_home
    find_pid_file "$@"
    end_stray_server
    begin_session
    open_database
    build
    export_database
    serve "$@"
}

# Whose process is where. A home has one server, or any number of nodes of a cluster, each on a port.
find_pid_file() {
    pid_file=$BIFROST_HOME/run.pid
    port=$BIFROST_PORT
    clustered=
    while [ $# -gt 0 ]; do
        case $1 in
        --cluster | --cluster=*) clustered=yes ;;
        --port) port=${2:-$port} ;;
        --port=*) port=${1#--port=} ;;
        esac
        shift
    done
    [ -z "$clustered" ] || pid_file=$BIFROST_HOME/run.$port.pid
}

# The server brings the schema up to date, says where it serves, and says so if the port is taken.
serve() {
    # A new user sees prices move; their symbols say that they are made up.
    case " $* " in
    *' --feed '* | *' --feed='*) ;;
    *) set -- --feed simulated "$@" ;;
    esac
    start_child dotnet "$cli" serve "$@"
    keep "$pid_file" "$$ $child"
    outcome=0
    wait_for_child || outcome=$?
    rm -f -- "$pid_file"
    # Ctrl-C is how it is meant to end; a server that did not go by itself is another matter.
    case $signals:$outcome in
    0:*) ;;
    *:0 | *:130 | *:143)
        say "stopped"
        exit 0
        ;;
    esac
    # Wrong usage the server has explained itself.
    [ "$outcome" -ne 2 ] || exit 2
    [ "$outcome" -eq 0 ] || fail "the server ended with exit code $outcome"
}

# When an earlier run was killed its server may still hold the port. It is ended if it is ours and
# its script is gone; if the script lives, this home is being served already.
end_stray_server() {
    [ -f "$pid_file" ] || return 0
    read -r script server <"$pid_file" || true
    if ! is_our_server "${server:-0}"; then
        return 0
    fi
    if command_line "$script" | grep -qF 'bifrost run'; then
        fail "this home is served already, by process $script on port" \
            "$(value_of_environment "$server" BIFROST_PORT); end that first, or set BIFROST_HOME and BIFROST_PORT"
    fi
    say "ending process $server, the server of an earlier run that was killed"
    kill -TERM "$server" 2>/dev/null || true
    waited=0
    while is_our_server "$server"; do
        waited=$((waited + 1))
        [ "$waited" -ne 100 ] || kill -KILL "$server" 2>/dev/null || true
        [ "$waited" -lt 150 ] || fail "process $server does not end"
        sleep 0.1
    done
}

is_our_server() {
    command_line "$1" | grep -qF 'bifrost.dll serve' &&
        [ "$(value_of_environment "$1" BIFROST_HOME)" = "$BIFROST_HOME" ]
}

command_line() {
    if [ -d /proc/self ]; then
        tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" || true
    else
        ps -o args= -p "$1" 2>/dev/null || true
    fi
}

# Where a process's environment cannot be read (not Linux), it is believed to be ours.
value_of_environment() {
    if [ -d /proc/self ]; then
        tr '\0' '\n' 2>/dev/null <"/proc/$1/environ" | sed -n "s/^$2=//p"
    else
        eval "printf '%s\n' \"\$$2\""
    fi
}
