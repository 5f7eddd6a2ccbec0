# shellcheck shell=sh
# How a command reaches the server and its programs, for each kind of server.

image=timescale/timescaledb:latest-pg17

# Runs a program the way the server runs: never as root, which PostgreSQL refuses, and in the
# server's own file system. Callers run find_inside first, and name the area as `inside` in ARGS.
in_server() {
    case $kind in
    rootfs) in_rootfs "$@" ;;
    installed) in_installed "$@" ;;
    esac </dev/null 3<&- 8>&- 9>&-
}

# The mounts that a chroot needs are made in a mount namespace of the server's own. The host never
# sees them, they vanish with the last process, and removing the home can never reach /dev.
in_rootfs() {
    if is_root; then
        if can_mount; then
            unshare --mount --propagation private sh -c "$enter_with_mounts" sh "$pg/rootfs" \
                chroot --userspec="$server_uid:$server_gid" --groups="$server_gid" "$pg/rootfs" "$@"
        else
            # A container without the right to mount: the root file system has its own device nodes.
            (cd / && chroot --userspec="$server_uid:$server_gid" --groups="$server_gid" "$pg/rootfs" "$@")
        fi
    else
        unshare --user --map-current-user --keep-caps --mount sh -c "$enter_with_mounts" sh "$pg/rootfs" \
            chroot "$pg/rootfs" "$@"
    fi
}

# shellcheck disable=SC2016  # The inner shell expands these.
enter_with_mounts='
    mount --rbind /dev "$1/dev" && mount --rbind /proc "$1/proc" && cd / || exit 1
    shift
    exec "$@"'

can_mount() { has mount && can_unshare --mount --propagation private; }

can_unshare() { unshare "$@" true 2>/dev/null; }

in_installed() {
    if ! is_root; then
        (cd / && "$@")
    elif [ "$inside" = "$area" ]; then
        (cd / && as_postgres "$@")
    else
        # shellcheck disable=SC2016  # The inner shell expands these.
        unshare --mount --propagation private sh -c '
            mount --bind "$1" "$2" && cd / || exit 1
            shift 2
            exec "$@"' sh "$area" "$inside" \
            setpriv --reuid="$server_uid" --regid="$server_gid" --clear-groups "$@"
    fi
}

# Below a directory that only root may enter, such as /root, no other user gets to the area. Where
# mounting is allowed, the user postgres sees it through a bind mount made for the server alone.
others_reach_home() { (cd / && setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$pg" 2>/dev/null); }

home_suits_installed_server() {
    if is_root && ! others_reach_home && ! { [ -d /mnt ] && can_mount; }; then
        say "the user postgres cannot reach $BIFROST_HOME, so an installed PostgreSQL cannot serve it;" \
            "a directory that every user may enter would do"
        return 1
    fi
}

as_postgres() { setpriv --reuid="$server_uid" --regid="$server_gid" --clear-groups "$@"; }

# Finds who the server runs as and where that user sees the area.
find_inside() {
    case $kind in
    rootfs)
        inside=/srv/bifrost
        server_uid=$(awk -F : '$1 == "postgres" { print $3 }' "$pg/rootfs/etc/passwd")
        server_gid=$(awk -F : '$1 == "postgres" { print $4 }' "$pg/rootfs/etc/passwd")
        ;;
    installed)
        inside=$area
        server_uid=$(id -u)
        server_gid=$(id -g)
        is_root || return 0
        server_uid=$(id -u postgres)
        server_gid=$(id -g postgres)
        if ! others_reach_home; then
            inside=/mnt
        fi
        ;;
    esac
}

# Becomes one of PostgreSQL's client programs in the server's version, with the caller's files,
# directory and standard input; connection settings come from the PG* variables. It replaces the
# shell, so that Ctrl-C reaches psql alone; those who want to go on call it in a subshell.
client() {
    program=$1
    shift
    case $kind in
    rootfs)
        # The root file system's own loader runs its programs outside of it, where they see the
        # caller's files, which a chroot would hide.
        loader=$(echo_first "$pg"/rootfs/usr/lib/*-linux-gnu*/ld-linux*.so.*)
        exec "$loader" --library-path "${loader%/*}" "$pg/rootfs$bin_directory/$program" "$@"
        ;;
    installed) exec "$bin_directory/$program" "$@" ;;
    docker) docker_client "$program" "$@" ;;
    esac
}

echo_first() { printf '%s\n' "$1"; }

# A client with the caller's directory and Bifrost's temporary files mounted at their own paths.
# It shares the network of the server's container, where the server listens on 5432.
docker_client() {
    if has "$1"; then
        exec "$@"
    fi
    program=$1
    shift
    terminal=
    if [ -t 0 ] && [ -t 1 ]; then
        terminal=-t
    fi
    export PGPORT=5432
    exec docker run --rm -i ${terminal:+"$terminal"} --network "container:$container" \
        -v "$PWD:$PWD" -v "$BIFROST_HOME/tmp:$BIFROST_HOME/tmp" -w "$PWD" \
        -e PGHOST -e PGPORT -e PGUSER -e PGPASSWORD -e PGDATABASE \
        --entrypoint "$program" "$image" "$@"
}

# The container is made anew at each start and holds nothing: the data is in the volume of the
# same name.
start_container() {
    docker rm -f "$container" >/dev/null 2>&1 || true
    set -- -c "listen_addresses=*" -c port=5432
    while IFS= read -r line; do
        case $line in
        '' | '#'* | listen_addresses* | port* | unix_socket*) ;;
        *) set -- "$@" -c "$(printf '%s' "$line" | sed "s/ = /=/; s/'//g")" ;;
        esac
    done <<SETTINGS
$(settings 5432)
SETTINGS
    POSTGRES_PASSWORD=$(value_of "$pg/postgres.password") \
        docker run -d --name "$container" --shm-size 256m -p "127.0.0.1:$port:5432" \
        -v "$container:/var/lib/postgresql/data" -e POSTGRES_PASSWORD -e NO_TS_TUNE=true \
        -e POSTGRES_INITDB_ARGS="--data-checksums --encoding=UTF8 --locale-provider=builtin --locale=C.UTF-8" \
        "$image" postgres "$@" >/dev/null || fail "Docker could not start $image; see the message above"
    # The image first runs a server without TCP for its own set-up, so TCP is what to wait for.
    waited=0
    until docker exec "$container" pg_isready -q -h 127.0.0.1 -U postgres 2>/dev/null; do
        waited=$((waited + 1))
        if [ "$waited" -ge 240 ] || ! database_is_running; then
            docker logs --tail 20 "$container" >&2
            fail "PostgreSQL in the container $container does not answer"
        fi
        sleep 0.5
    done
}

stop_container() {
    docker stop -t 120 "$container" >/dev/null || fail "Docker could not stop the container $container"
    docker rm "$container" >/dev/null || true
}
