# shellcheck shell=sh
# ./bifrost bench: the benchmarks, with PostgreSQL's own pgbench beside them.

# shellcheck source=scripts/session.sh
. "$root/scripts/session.sh"

bench_usage() {
    cat <<'USAGE'
./bifrost bench [NAME] [ARGS…]: start the database, build and run the benchmarks, or the one
called NAME; one table.
USAGE
}

bench_command() {
    if wants_help "$@"; then
        bench_usage
        return
    fi
    begin_session
    open_database
    build
    export_database
    write_pgbench
    run_child dotnet "$root/bench/bin/Release/net10.0/bench.dll" "$@"
}

# BIFROST_PGBENCH names a program that takes pgbench's arguments, whatever has to happen to reach
# the pgbench of this server. The connection comes from PGHOST and its like, which the benchmark gives
# to pgbench alone: Npgsql takes PGPASSWORD for every role whose password is in the Passfile.
write_pgbench() {
    if foreign_database; then
        BIFROST_PGBENCH=${BIFROST_PGBENCH:-$(command -v pgbench || true)}
    else
        temporary=$BIFROST_HOME/tmp/bench-$$
        mkdir -p -- "$temporary"
        BIFROST_PGBENCH=$temporary/pgbench
        cat >"$BIFROST_PGBENCH" <<WRAPPER
#!/bin/sh
set -eu
root=$(quoted "$root")
BIFROST_HOME=$(quoted "$BIFROST_HOME")
. "\$root/scripts/common.sh"
. "\$root/scripts/postgres.sh"
load_server
client pgbench "\$@"
WRAPPER
        chmod +x "$BIFROST_PGBENCH"
    fi
    export BIFROST_PGBENCH
}

quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }
