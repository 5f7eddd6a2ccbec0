# shellcheck shell=sh
# The first set-up of a home's database server: choosing a kind, getting the programs, creating the
# cluster, its roles and the database. Runs under the set-up lock.

set_up_database() {
    clear_unfinished
    choose_kind
    keep "$pg/kind" "$kind"
    load_server
    keep_secret "$pg/postgres.password" "$(random_hex 24)"
    keep_secret "$pg/bifrost.password" "$(random_hex 24)"
    case $kind in
    docker)
        keep "$pg/container" "bifrost-$(random_hex 4)"
        load_server
        keep "$pg/timescaledb" "community build"
        ;;
    *) create_cluster ;;
    esac
    start_server
    create_roles_and_database || fail "the database could not be created; see the message above"
    keep "$pg/ready" "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
}

# A set-up that was interrupted leaves anything; nothing of it is worth keeping, as no command has
# worked with it yet.
clear_unfinished() {
    if [ -f "$pg/kind" ]; then
        say "an earlier set-up was not finished; starting it over"
        load_server
        if [ "$kind" = docker ]; then
            if [ -n "$container" ]; then
                docker rm -f "$container" >/dev/null 2>&1 || true
                docker volume rm "$container" >/dev/null 2>&1 || true
            fi
        else
            stop_process || true
        fi
    fi
    rm -f -- "$pg/kind" "$pg/port" "$pg/version" "$pg/timescaledb" "$pg/container" "$pg/bin-directory"
    if [ -f "$pg/rootfs.lock" ]; then
        flock -n "$pg/rootfs.lock" true || say "waiting for the rest of an earlier set-up to end …"
        flock "$pg/rootfs.lock" rm -f -- "$pg/rootfs.lock"
    fi
    remove_tree "$pg/server"
    remove_tree "$pg/rootfs"
    remove_tree "$pg/rootfs.new"
}

remove_tree() {
    if grep -qF " $1/" /proc/self/mounts 2>/dev/null; then
        fail "something is mounted below $1; unmount it first"
    fi
    rm -rf -- "$1"
}

choose_kind() {
    case ${BIFROST_POSTGRES:-} in
    '')
        try_installed 17 timescaledb || try_rootfs || try_installed 15 || try_docker ||
            fail "no PostgreSQL to be had: install PostgreSQL 15 or newer (better: 17 with TimescaleDB)," \
                "or Docker, or set BIFROST_DATABASE"
        ;;
    installed)
        try_installed 17 timescaledb || try_installed 15 ||
            fail "no installed PostgreSQL, 15 or newer, can be used; on Debian and Ubuntu the package is 'postgresql'"
        ;;
    rootfs) try_rootfs || fail "a root file system with PostgreSQL cannot be made here; see the message above" ;;
    docker) try_docker || fail "Docker does not answer; install and start it, or unset BIFROST_POSTGRES" ;;
    *) usage_error "BIFROST_POSTGRES has to be rootfs, installed or docker, not '$BIFROST_POSTGRES'" ;;
    esac
}

# try_installed MAJOR [timescaledb]: the newest server of at least that version in this system,
# installed with apt where that is possible.
try_installed() {
    home_suits_installed_server || return 1
    if ! find_installed "$@"; then
        apt_can_install "$@" && install_server && find_installed "$@" || return 1
    fi
    if is_root && ! id postgres >/dev/null 2>&1; then
        useradd --system --no-create-home --shell /bin/sh postgres || return 1
    fi
    kind=installed
    keep "$pg/bin-directory" "$bin_directory"
}

find_installed() {
    found=0
    for directory in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin "$(pg_config --bindir 2>/dev/null)"; do
        if [ ! -x "$directory/initdb" ] || [ ! -x "$directory/pg_ctl" ] || [ ! -x "$directory/postgres" ]; then
            continue
        fi
        version=$("$directory/postgres" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')
        if [ "$version" -lt "$1" ] || [ "$version" -le "$found" ]; then
            continue
        fi
        [ $# -eq 1 ] || has_timescaledb "$directory" "$version" || continue
        found=$version
        bin_directory=$directory
    done
    [ "$found" -gt 0 ]
}

has_timescaledb() {
    share=$("$1/pg_config" --sharedir 2>/dev/null) || share=/usr/share/postgresql/$2
    [ -f "$share/extension/timescaledb.control" ]
}

# Sets `packages` to what apt would have to install.
apt_can_install() {
    is_root && has apt-get || return 1
    packages=postgresql
    [ $# -eq 1 ] || packages="postgresql-17 postgresql-17-timescaledb"
    last=${packages##* }
    version=$(apt_version "$last")
    case $version in
    '' | '(none)')
        # Fresh images come without package lists.
        update_apt
        version=$(apt_version "$last")
        ;;
    esac
    case $version in
    '' | '(none)') return 1 ;;
    esac
    [ $# -eq 2 ] || [ "${version%%[!0-9]*}" -ge "$1" ]
}

apt_version() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | awk '/Candidate:/ { print $2 }'; }

update_apt() {
    [ -z "${apt_is_updated:-}" ] || return 0
    apt_is_updated=yes
    apt-get update >>"$pg/setup.log" 2>&1 || true
}

install_packages() {
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" \
        >>"$pg/setup.log" 2>&1 </dev/null 3<&- 8>&- 9>&- && return
    update_apt
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" \
        >>"$pg/setup.log" 2>&1 </dev/null 3<&- 8>&- 9>&- && return
    say "apt could not install $*; its messages are in $pg/setup.log"
    return 1
}

# Debian's packages create and start a cluster on port 5432 that nobody asked for, unless told not to.
install_server() {
    say "installing $packages with apt (once) …"
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        install_packages postgresql-common || return 1
        cluster_settings=/etc/postgresql-common/createcluster.conf
        cp "$cluster_settings" "$pg/createcluster.conf"
        echo 'create_main_cluster = false' >>"$cluster_settings"
        # shellcheck disable=SC2086  # The names are meant to be split.
        install_packages $packages || return 1
        cp "$pg/createcluster.conf" "$cluster_settings"
        rm -f -- "$pg/createcluster.conf"
    else
        # shellcheck disable=SC2086
        install_packages $packages
    fi
}

try_docker() {
    has docker && docker info >/dev/null 2>&1 || return 1
    say "setting up PostgreSQL 17 with TimescaleDB in Docker (the first time it fetches the image) …"
    docker image inspect "$image" >/dev/null 2>&1 || docker pull "$image" >&2 || return 1
    kind=docker
}

# A Debian 13 root file system beside a system that is Debian, but has no such packages itself.
try_rootfs() {
    [ "$(. /etc/os-release 2>/dev/null && echo "${ID:-}")" = debian ] || return 1
    if ! has mmdebstrap; then
        if ! is_root; then
            [ -z "${BIFROST_POSTGRES:-}" ] || say "mmdebstrap is not installed"
            return 1
        fi
        say "installing mmdebstrap with apt (once) …"
        install_packages mmdebstrap || return 1
    fi
    if ! is_root; then
        # mmdebstrap maps a range of user ids, for which it needs newuidmap; the server maps only one.
        if ! has newuidmap || ! can_unshare --user --map-current-user --keep-caps --mount; then
            [ -z "${BIFROST_POSTGRES:-}" ] ||
                say "this user may not create namespaces, or the package 'uidmap' is missing"
            return 1
        fi
    fi
    mirror=$(apt_mirror)
    [ -n "$mirror" ] || return 1
    say "setting up PostgreSQL 17 with TimescaleDB (about 40 s, 700 MB, once) …"
    if is_root; then
        options=--mode=root
        # In a container without the right to mount it works without mounting, which it has to be told.
        can_mount || options="$options --skip=check/canmount"
        # shellcheck disable=SC2086  # The options are meant to be split.
        make_rootfs "$pg/rootfs.new" $options || return 1
    else
        # A tar file on the way gives all files to the caller, so that rm -rf of the home works.
        mkdir "$pg/rootfs.new" || return 1
        make_rootfs "$BIFROST_HOME/tmp/rootfs.tar" --mode=unshare || return 1
        tar -x -f "$BIFROST_HOME/tmp/rootfs.tar" -C "$pg/rootfs.new" --no-same-owner --exclude='./dev/*' || return 1
        rm -f -- "$BIFROST_HOME/tmp/rootfs.tar"
        # initdb looks its user up, who is nobody's acquaintance in there.
        sed -i '/^postgres:/d' "$pg/rootfs.new/etc/passwd"
        echo "postgres:x:$(id -u):$(id -g)::/srv/bifrost:/bin/sh" >>"$pg/rootfs.new/etc/passwd"
    fi
    mv "$pg/rootfs.new" "$pg/rootfs" || return 1
    kind=rootfs
    keep "$pg/bin-directory" /usr/lib/postgresql/17/bin
}

make_rootfs() {
    target=$1
    shift
    # mmdebstrap needs file descriptors below 10, as its shell cannot name others. So it gets none of
    # ours, and a flock beside it tells the next set-up when it goes on after this script was killed.
    if ! flock -o "$pg/rootfs.lock" mmdebstrap --variant=apt \
        --include=postgresql-17,postgresql-17-timescaledb,redis-server,beancount "$@" trixie "$target" "$mirror" \
        >>"$pg/setup.log" 2>&1 </dev/null 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-; then
        say "mmdebstrap failed; its messages are in $pg/setup.log"
        remove_tree "$pg/rootfs.new"
        rm -f -- "$BIFROST_HOME/tmp/rootfs.tar"
        return 1
    fi
}

create_cluster() {
    mkdir -p -- "$area/log"
    find_inside
    # initdb reads the superuser's password from a file that its user can read, and nobody else.
    (umask 077 && value_of "$pg/postgres.password" >"$area/password")
    if is_root; then
        chown -R "$server_uid:$server_gid" "$area"
    fi
    chmod 700 "$area"
    version=$(in_server "$bin_directory/postgres" --version | sed 's/[^0-9]*\([0-9.]*\).*/\1/')
    keep "$pg/version" "$version"
    # The builtin provider sorts by code point in every version of every system's C library, so
    # that an index never breaks by an upgrade; PostgreSQL has it from 17 on.
    locale=--locale=C.UTF-8
    provider=
    if [ "${version%%.*}" -ge 17 ]; then
        provider=--locale-provider=builtin
    fi
    say "creating the database cluster …"
    in_server "$bin_directory/initdb" -D "$inside/data" -U postgres --pwfile="$inside/password" --auth=scram-sha-256 \
        --data-checksums --encoding=UTF8 "$locale" ${provider:+"$provider"} >>"$pg/setup.log" 2>&1 ||
        fail "initdb failed; its messages are in $pg/setup.log"
    rm -f -- "$area/password"
    echo "include_if_exists = 'bifrost.conf'" >>"$area/data/postgresql.conf"
    if [ "$kind" = rootfs ]; then
        keep "$pg/timescaledb" "Apache build"
    elif has_timescaledb "$bin_directory" "${version%%.*}"; then
        keep "$pg/timescaledb" "community build"
        # What is under Timescale's own licence comes in a library of its own.
        [ -n "$(find "${bin_directory%/bin}/lib" -name 'timescaledb-tsl*')" ] || keep "$pg/timescaledb" "Apache build"
    else
        keep "$pg/timescaledb" absent
        say "warning: TimescaleDB is absent; market bars go to plain tables"
    fi
}

create_roles_and_database() {
    superuser_sql postgres <<SQL || return 1
CREATE ROLE bifrost LOGIN CREATEDB CREATEROLE NOSUPERUSER PASSWORD '$(value_of "$pg/bifrost.password")';
SQL
    drop_and_create_database || return 1
    if [ "$(value_of "$pg/timescaledb")" != absent ]; then
        # The Apache build and the community build differ in what they can do, so status says which.
        keep "$pg/timescaledb" "$(superuser_sql bifrost <<'SQL'
SELECT extversion ||
    CASE current_setting('timescaledb.license') WHEN 'apache' THEN ', Apache build' ELSE ', community build' END
FROM pg_extension WHERE extname = 'timescaledb';
SQL
        )"
    fi
    keep "$pg/version" "$(echo 'SHOW server_version;' | superuser_sql postgres | sed 's/ .*//')"
}

# The mirror that apt uses for this release's main packages, as apt itself understands its lists,
# in whichever format they are.
apt_mirror() {
    codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    # shellcheck disable=SC2016  # apt expands these.
    uri=$(apt-get indextargets --format '$(RELEASE) $(CODENAME) $(COMPONENT) $(REPO_URI)' \
        'Identifier: Packages' 2>/dev/null |
        awk -v codename="$codename" '$3 == "main" && ($1 == codename || $2 == codename) { print $4; exit }')
    case $uri in
    mirror+file:*)
        # Cloud images keep their list of mirrors in a file; the first one will do.
        list=${uri#mirror+file:}
        awk '/:\/\// { print $1; exit }' "${list%/}"
        ;;
    *) echo "$uri" ;;
    esac
}
