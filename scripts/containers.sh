# shellcheck shell=sh
# The tests' servers in containers, by Testcontainers, for the length of one command.

containers=

# Sets what the tests know of their servers. Returns 1 where no Docker engine answers, 2 where one does and has no
# servers for us. The harness decides which, so that tests without this script find the same engine.
start_containers() {
    # shellcheck disable=SC2034  # session.sh reads it.
    at_end=end_containers
    containers_log=$temporary/containers.log
    # Should this script be killed, the kernel ends the program, and with it the containers.
    if setpriv --pdeathsig TERM true 2>/dev/null; then
        set -- setpriv --pdeathsig TERM
    fi
    "$@" dotnet "$root/tests/Harness/bin/Release/net10.0/Bifrost.Harness.dll" "$temporary/containers" \
        >"$containers_log" 2>&1 </dev/null 3<&- 8>&- 9>&- &
    containers=$!
    waited=0
    # However long it takes to fetch an image.
    until [ -f "$temporary/containers" ]; do
        waited=$((waited + 1))
        [ "$waited" -ne 20 ] || say "starting containers (the first time their images are fetched) …"
        if ! kill -0 "$containers" 2>/dev/null; then
            status=0
            wait "$containers" || status=$?
            containers=
            [ "$status" -eq 3 ] && return 1
            return 2
        fi
        sleep 0.1
    done
    BIFROST_TEST_DATABASE=$(sed -n 1p "$temporary/containers")
    BIFROST_TEST_SUPERUSER=$(sed -n 2p "$temporary/containers")
    BIFROST_TEST_REDIS=${BIFROST_TEST_REDIS:-$(sed -n 3p "$temporary/containers")}
    export BIFROST_TEST_DATABASE BIFROST_TEST_SUPERUSER BIFROST_TEST_REDIS
}

end_containers() {
    if [ -n "$containers" ]; then
        kill -TERM "$containers" 2>/dev/null || true
        wait "$containers" 2>/dev/null || true
        containers=
    fi
}
