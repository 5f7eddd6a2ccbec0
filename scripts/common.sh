# shellcheck shell=sh
# What all commands share: messages, the home directory, locks and ports.

say() { printf 'bifrost: %s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

usage_error() {
    say "$*"
    say "try './bifrost --help'"
    exit 2
}

has() { command -v "$1" >/dev/null 2>&1; }

is_root() { [ "$(id -u)" -eq 0 ]; }

wants_help() {
    for argument in "$@"; do
        case $argument in
        --help | -h) return 0 ;;
        esac
    done
    return 1
}

# Where standard input is closed, the next file that is opened would take its place.
if ! (: 3<&0) 2>/dev/null; then
    exec </dev/null
fi

# The home is made absolute at once, because commands change directory and other users enter it.
BIFROST_HOME=${BIFROST_HOME:-$root/.bifrost}
case $BIFROST_HOME in
/*) ;;
*) BIFROST_HOME=$(pwd -P)/$BIFROST_HOME ;;
esac
if [ -d "$BIFROST_HOME" ]; then
    BIFROST_HOME=$(CDPATH='' cd -- "$BIFROST_HOME" && pwd -P)
fi
BIFROST_PORT=${BIFROST_PORT:-8000}
case $BIFROST_PORT in
'' | *[!0-9]*) usage_error "BIFROST_PORT has to be a port number, not '$BIFROST_PORT'" ;;
esac
export BIFROST_HOME BIFROST_PORT

# Build tools and psql want a HOME; a bare service or CI environment may lack it.
if [ -z "${HOME:-}" ]; then
    HOME=$BIFROST_HOME
    export HOME
fi

# What is in the home is for its owner alone. Where the user postgres serves it and cannot be shown its part of it
# elsewhere, others may go through it, and do not see what is there.
mode_of_home() {
    if is_root && ! unshare --mount --propagation private true 2>/dev/null; then
        echo 711
    else
        echo 700
    fi
}

make_home() {
    if [ ! -d "$BIFROST_HOME" ]; then
        mkdir -p -- "$(dirname -- "$BIFROST_HOME")" || :
        mkdir -m "$(mode_of_home)" -- "$BIFROST_HOME" 2>/dev/null || :
    fi
    mkdir -p -- "$BIFROST_HOME/tmp" || fail "cannot create $BIFROST_HOME; set BIFROST_HOME to a writable directory"
    BIFROST_HOME=$(CDPATH='' cd -- "$BIFROST_HOME" && pwd -P)
    # Everything in the home is private state, also where the home lies inside a checkout.
    [ -f "$BIFROST_HOME/.gitignore" ] || echo '*' >"$BIFROST_HOME/.gitignore"
}

value_of() {
    if [ -f "$1" ]; then
        cat -- "$1"
    fi
}

# Writes a file in one step: a reader, or a start after a crash, sees the old text or the new one.
keep() {
    printf '%s\n' "$2" >"$1.new" && mv -f -- "$1.new" "$1"
}

# Secrets are created unreadable for others; a later chmod would leave a moment in which they are not.
keep_secret() {
    (umask 077 && keep "$1" "$2")
}

random_hex() { od -An -v -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# Locks. The kernel frees a flock when its holder dies, so nothing goes stale after kill -9.
# File descriptor 9 is the set-up lock, 8 says that a command uses the database; whatever outlives
# this script (the database server) has to be started with both closed.

take_setup_lock() {
    if has flock; then
        exec 9>"$pg/lock"
        if ! flock -n 9; then
            say "waiting for another ./bifrost that sets up, starts or stops this database …"
            flock 9
        fi
        return
    fi
    until mkdir "$pg/lock.d" 2>/dev/null; do
        holder=$(value_of "$pg/lock.d/pid")
        if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
            rm -rf -- "$pg/lock.d"
        else
            sleep 1
        fi
    done
    echo $$ >"$pg/lock.d/pid"
}

free_setup_lock() {
    if has flock; then
        exec 9>&-
    else
        rm -rf -- "$pg/lock.d"
    fi
}

# True when something listens on the port on any address.
port_taken() {
    if [ -r /proc/net/tcp ]; then
        cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
            awk -v port="$(printf ':%04X' "$1")" '
                $4 == "0A" && substr($2, length($2) - 4) == port { taken = 1 }
                END { exit !taken }'
    else
        netstat -an 2>/dev/null | grep -Eq "[.:]$1[[:space:]].*LISTEN"
    fi
}

# Below 32768, where Linux starts to hand out ports to outgoing connections.
free_port() {
    while :; do
        candidate=$((20000 + $(od -An -N 2 -tu2 /dev/urandom) % 12000))
        if ! port_taken "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}
