# shellcheck shell=sh
# The private PostgreSQL server: where it is, whether it runs, starting and stopping it.
#
# $BIFROST_HOME/postgres holds
#   kind       rootfs, installed or docker: chosen once, kept for the life of the home
#   ready      written last in the set-up; without it the set-up is done again from nothing
#   port, version, timescaledb, *.password, bin-directory, container
#   server/    the area of the server (for rootfs it lies in rootfs/srv/bifrost): data, log

# shellcheck source=scripts/connection.sh
. "$root/scripts/connection.sh"
# shellcheck source=scripts/postgres-kinds.sh
. "$root/scripts/postgres-kinds.sh"

pg=$BIFROST_HOME/postgres

# Noted at the start, because commands later tell their programs of the private server by the same name.
given_database=${BIFROST_DATABASE:-}

foreign_database() { [ -n "$given_database" ]; }

database_is_set_up() { [ -f "$pg/ready" ]; }

# The file has the passwords of the modules' roles, for which this is to be taken as well.
owner_url() {
    printf '%s;Passfile="%s"\n' \
        "$(npgsql_url "$(value_of "$pg/port")" bifrost bifrost "$(value_of "$pg/bifrost.password")")" \
        "$(printf '%s' "$BIFROST_HOME/roles.pgpass" | sed 's/"/""/g')"
}

superuser_url() { npgsql_url "$(value_of "$pg/port")" bifrost postgres "$(value_of "$pg/postgres.password")"; }

# Reads what the set-up recorded. `area` is the server's directory as this script sees it.
load_server() {
    kind=$(value_of "$pg/kind")
    case $kind in
    rootfs)
        area=$pg/rootfs/srv/bifrost
        bin_directory=$(value_of "$pg/bin-directory")
        ;;
    installed)
        area=$pg/server
        bin_directory=$(value_of "$pg/bin-directory")
        ;;
    docker) container=$(value_of "$pg/container") ;;
    *) fail "$pg/kind says '$kind', which this version does not know; remove $pg to set up anew" ;;
    esac
}

describe_kind() {
    case $kind in
    rootfs) echo "in a Debian 13 root file system of its own" ;;
    installed) echo "installed in $bin_directory" ;;
    docker) echo "in the Docker container $container" ;;
    esac
}

describe_size() {
    if [ "$kind" = docker ]; then
        echo "Docker volume $container"
    else
        echo "$(du -sm -- "$area/data" | cut -f 1) MB in $area/data"
    fi
}

database_is_running() {
    load_server
    if [ "$kind" = docker ]; then
        [ "$(docker inspect -f '{{.State.Running}}' "$container" 2>/dev/null)" = true ]
    else
        server_pid >/dev/null
    fi
}

# Prints the process id of this home's server when it lives. After a crash the file may name a
# process that is another program by now, so the process has to work in our data directory.
server_pid() {
    # A server that ends removes the file at any moment, between a look and a read as well.
    pid=$(sed -n 1p "$area/data/postmaster.pid" 2>/dev/null) || return 1
    if [ -d /proc/self ]; then
        # shellcheck disable=SC3013  # -ef is in every sh that has /proc beside it, and in POSIX 2024.
        [ -n "$pid" ] && [ "/proc/$pid/cwd" -ef "$area/data" ] || return 1
    else
        kill -0 "$pid" 2>/dev/null || return 1
    fi
    echo "$pid"
}

# Starts the server, setting it up first where there is none. Safe to call at any time, by any
# number of processes at once.
start_database() {
    make_home
    pg=$BIFROST_HOME/postgres
    mkdir -p -- "$pg"
    take_setup_lock
    if ! database_is_set_up; then
        # shellcheck source=scripts/postgres-setup.sh
        . "$root/scripts/postgres-setup.sh"
        set_up_database
        server_was_started=yes
    elif ! database_is_running; then
        check_forced_kind
        # A home of before it was closed to others; one with another name may hold what is not ours to close.
        [ "$BIFROST_HOME" != "$root/.bifrost" ] || chmod "$(mode_of_home)" -- "$BIFROST_HOME"
        start_server
        shut_doors || fail "the database's doors could not be shut; see the message above"
        # shellcheck disable=SC2034  # session.sh reads it.
        server_was_started=yes
    else
        check_forced_kind
    fi
    free_setup_lock
}

check_forced_kind() {
    if [ -n "${BIFROST_POSTGRES:-}" ] && [ "$BIFROST_POSTGRES" != "$kind" ]; then
        fail "BIFROST_POSTGRES asks for '$BIFROST_POSTGRES', but $BIFROST_HOME was set up with '$kind';" \
            "use another BIFROST_HOME"
    fi
}

start_server() {
    port=$(value_of "$pg/port")
    if [ -z "$port" ] || port_taken "$port"; then
        port=$(free_port)
        keep "$pg/port" "$port"
    fi
    if [ "$kind" = docker ]; then
        start_container
    else
        start_process
    fi
}

start_process() {
    find_inside
    clear_stale_pid_file
    settings "$port" >"$area/data/bifrost.conf"
    # After a kill -9 the old server's children need a moment to notice and leave, and another
    # program may take the port between our look and the server's: both are worth a few more tries.
    tries=0
    until in_server "$bin_directory/pg_ctl" start -w -s -t 300 -D "$inside/data" -l "$inside/log/start.log" \
        >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -ge 20 ]; then
            tail -n 20 "$area/log/start.log" >&2
            fail "PostgreSQL does not start; its logs are in $area/log"
        fi
        if port_taken "$port"; then
            port=$(free_port)
            keep "$pg/port" "$port"
            settings "$port" >"$area/data/bifrost.conf"
        fi
        sleep 0.5
    done
}

# PostgreSQL takes any living process with the recorded id for its old self, and after a reboot that
# may be anything. The file is removed only when no process of the old server is left: it names the
# shared memory by which PostgreSQL keeps two servers off one data directory.
clear_stale_pid_file() {
    [ -f "$area/data/postmaster.pid" ] || return 0
    segment=$(sed -n 7p "$area/data/postmaster.pid" | awk '{ print $2 }')
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        if ! awk -v id="${segment:-none}" '$2 == id && $7 > 0 { used = 1 } END { exit !used }' \
            /proc/sysvipc/shm 2>/dev/null; then
            rm -f -- "$area/data/postmaster.pid"
            return
        fi
        sleep 0.5
    done
}

# Returns 1 when there was nothing to stop.
stop_database() {
    # A set-up that was interrupted may have left a running server too.
    [ -f "$pg/kind" ] || return 1
    load_server
    if [ "$kind" = docker ]; then
        database_is_running || return 1
        stop_container
    else
        stop_process || return 1
    fi
    rm -f -- "$pg/started-by-command"
}

stop_process() {
    stopping=$(server_pid) || return 1
    # SIGINT is PostgreSQL's fast shutdown: sessions are ended, a checkpoint is written.
    kill -INT "$stopping" || fail "process $stopping cannot be signalled: another user started this server"
    waited=0
    while [ "$(server_pid)" = "$stopping" ]; do
        waited=$((waited + 1))
        [ "$waited" -lt 1200 ] || fail "PostgreSQL (process $stopping) has not stopped in two minutes"
        sleep 0.1
    done
}

# Written anew at every start, so that a home follows the settings of the script that starts it.
settings() {
    cat <<CONF
# Loopback only. Unix sockets are off, since the home's path may exceed their limit of 107 bytes.
listen_addresses = '127.0.0.1'
port = $1
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
# Two services, their pools, the tests and an operator's psql at once.
max_connections = 200

# A caller is answered when its events are on disk, and not before.
fsync = on
synchronous_commit = on
full_page_writes = on

shared_buffers = $(shared_buffers)
# Checkpoints that are far apart cost recovery time and save writing each page image often.
min_wal_size = 1GB
max_wal_size = 4GB
checkpoint_timeout = 15min
# Compressing page images would take processor time from commits to save disk bandwidth.
wal_compression = off

# The ledger's statements are short, and compiling one takes longer than running it.
jit = off
# A hypertable takes a lock for each of its chunks.
max_locks_per_transaction = 128
# The default, written down: append-only tables still need it, to freeze and for index-only scans.
autovacuum = on
# Reading the clock for each block costs more than the numbers are worth here.
track_io_timing = off
# TimescaleDB's schedulers come on top of the default of 8.
max_worker_processes = 40

timezone = 'UTC'
log_timezone = 'UTC'
CONF
    if [ "$kind" != docker ]; then
        # One file for each day of the week, so that logs never fill the disk.
        cat <<CONF
logging_collector = on
log_directory = '../log'
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
CONF
    fi
    # Policies need workers, one scheduler for each database. The Apache build has no policies, and
    # its idle schedulers keep databases from being copied, as the tests do.
    case $(value_of "$pg/timescaledb") in
    absent) return ;;
    *Apache*) workers=0 ;;
    *) workers=24 ;;
    esac
    cat <<CONF
shared_preload_libraries = 'timescaledb'
timescaledb.telemetry_level = off
timescaledb.max_background_workers = $workers
CONF
}

# 512 MB, or a quarter of a small machine's memory.
shared_buffers() {
    awk '
        /^MemTotal:/ { megabytes = int($2 / 1024 / 4) }
        END { print (megabytes > 0 && megabytes < 512 ? (megabytes < 32 ? 32 : megabytes) : 512) "MB" }
    ' /proc/meminfo 2>/dev/null || echo 128MB
}

# Runs psql, in the server's own version, as the superuser; the SQL comes on standard input.
superuser_sql() {
    (
        use_connection "$(superuser_url)"
        # Notices, such as that there was nothing to drop, would look like trouble.
        export PGDATABASE="$1" PGOPTIONS='-c client_min_messages=warning'
        client psql -X -q -A -t -v ON_ERROR_STOP=1
    )
}

# What the database's owner cannot shut; docs/security.md says what for.
shut_doors() { superuser_sql bifrost <"$root/scripts/doors.sql"; }

drop_and_create_database() {
    superuser_sql postgres <<'SQL' || return 1
DROP DATABASE IF EXISTS bifrost WITH (FORCE);
CREATE DATABASE bifrost OWNER bifrost;
SQL
    if [ "$(value_of "$pg/timescaledb")" != absent ]; then
        echo 'CREATE EXTENSION IF NOT EXISTS timescaledb;' | superuser_sql bifrost || return 1
    fi
    shut_doors
}
