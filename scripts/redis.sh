# shellcheck shell=sh
# A Redis server for the length of one command: on a free port of loopback, with nothing on disk.

redis=
redis_root=

# Sets BIFROST_TEST_REDIS where a server can be had; tests that need one are skipped where not.
start_redis() {
    if [ -n "${BIFROST_TEST_REDIS:-}" ]; then
        return
    fi
    if ! find_redis; then
        say "warning: there is no Redis, so tests that need it are skipped; install redis-server"
        return
    fi
    # shellcheck disable=SC2034  # session.sh reads it.
    at_end=end_redis
    # Another program may take the port between our look and the server's.
    for _ in 1 2 3; do
        redis_port=$(free_port)
        run_redis
        if redis_is_ready; then
            BIFROST_TEST_REDIS=127.0.0.1:$redis_port
            export BIFROST_TEST_REDIS
            return
        fi
        end_redis
    done
    tail -n 5 "$redis_log" >&2
    say "warning: Redis does not start, so tests that need it are skipped"
}

# The one that came with the private PostgreSQL, an installed one, or one that apt has.
find_redis() {
    if [ -x "$pg/rootfs/usr/bin/redis-server" ]; then
        redis_root=$pg/rootfs
    elif ! has redis-server && ! has_redis_tools; then
        # The package redis-server would start a server of its own, on a port that nobody asked for.
        is_root && has apt-get && install_redis_tools && has_redis_tools
    fi
}

# Debian's tools are links to the server's program, which does what it is called by.
has_redis_tools() { has redis-check-rdb && has bash; }

install_redis_tools() (
    # shellcheck source=scripts/postgres-setup.sh
    . "$root/scripts/postgres-setup.sh"
    make_home
    mkdir -p -- "$pg"
    say "installing redis-tools with apt (once) …"
    install_packages redis-tools
)

run_redis() {
    redis_log=$temporary/redis.log
    set -- --port "$redis_port" --bind 127.0.0.1 --save '' --appendonly no --dir /
    if [ -n "$redis_root" ]; then
        set -- "$redis_root/usr/bin/redis-server" "$@"
        if is_root; then
            # The server must not run as root, and no other user need be able to reach the home.
            shift
            set -- chroot "$redis_root" setpriv --reuid=65534 --regid=65534 --clear-groups --pdeathsig TERM \
                /usr/bin/redis-server "$@"
        else
            loader=$(echo_first "$redis_root"/usr/lib/*-linux-gnu*/ld-linux*.so.*)
            set -- "$loader" --library-path "${loader%/*}" "$@"
        fi
    elif has redis-server; then
        set -- redis-server "$@"
    else
        set -- bash -c 'exec -a redis-server redis-check-rdb "$@"' redis-server "$@"
    fi
    # Should this script be killed, the kernel ends the server. A change of user undoes that wish, so the program that
    # changes it makes it, after that.
    if [ "$1" != chroot ] && setpriv --pdeathsig TERM true 2>/dev/null; then
        if is_root; then
            set -- --reuid=65534 --regid=65534 --clear-groups "$@"
        fi
        set -- setpriv --pdeathsig TERM "$@"
    fi
    "$@" >"$redis_log" 2>&1 </dev/null 3<&- 8>&- 9>&- &
    redis=$!
}

redis_is_ready() {
    tries=0
    # Its own log, because another program may answer on the port.
    until grep -q 'Ready to accept connections' "$redis_log"; do
        tries=$((tries + 1))
        if [ "$tries" -ge 100 ] || ! kill -0 "$redis" 2>/dev/null; then
            return 1
        fi
        sleep 0.1
    done
}

end_redis() {
    if [ -n "$redis" ]; then
        kill -TERM "$redis" 2>/dev/null || true
        wait "$redis" 2>/dev/null || true
        redis=
    fi
}
