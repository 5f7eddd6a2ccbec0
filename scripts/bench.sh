# shellcheck shell=sh
# ./bifrost bench: the benchmarks, with PostgreSQL's own pgbench beside them.

# shellcheck source=scripts/session.sh
. "$root/scripts/session.sh"

bench_usage() {
    cat <<'USAGE'
./bifrost bench [NAME [OPTIONS]]: start the database, build and run the benchmarks, or the one
called NAME. Each prints one table, with the limits of the same machine beside its results.

  commands    commands a second, in process, over HTTP and by Marten alone; beside pgbench and COPY
              --scenarios --callers --silos --portfolios --seconds --runs --warm-up --yardstick-seconds --http
  ingest      bars a second from a file, the first time and again; beside a bare COPY
              --symbols --days --runs
  bars-read   how long reads of bars take over HTTP; beside the same SQL
              --symbols --days --repeats
  valuation   how long it takes to value all holdings anew; beside one UPDATE of the same rows
              --portfolios --holdings --symbols --ticks
  replay      how fast the log is folded, verified and rebuilt; beside COPY and Marten's rebuild
              --events --portfolios --runs --reads
  jobs        how many jobs a server takes and does; beside a bare row written as often
              --jobs --callers --alone
  following   how fast a follower reads the log, and how soon an event reaches it
              --events --commits --callers

  --save      write the table to bench/baselines, to be committed and compared with

'./bifrost bench NAME --help' says what the options mean, and what is measured. Examples:

  ./bifrost bench commands --scenarios spread,marten --callers 32,512
  ./bifrost bench commands --scenarios hot --callers 8 --seconds 1 --runs 1 --warm-up 1
  ./bifrost bench replay --events 100000 --portfolios 100 --runs 1
  ./bifrost bench ingest --save

Whatever else runs on the machine meanwhile is measured as well.
USAGE
}

benchmarks='commands ingest bars-read valuation replay jobs following'

bench_command() {
    case ${1:-} in
    '') ;;
    help | --help | -h)
        bench_usage
        return
        ;;
    -*) usage_error "the name of a benchmark comes first, before '$1'; there are $benchmarks" ;;
    *)
        case " $benchmarks " in
        *" $1 "*) ;;
        *) usage_error "there is no benchmark '$1'; there are $benchmarks" ;;
        esac
        ;;
    esac
    if wants_help "$@"; then
        build
        exec dotnet "$root/bench/bin/Release/net10.0/bench.dll" "$@"
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
