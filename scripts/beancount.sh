# shellcheck shell=sh
# Beancount's checker and a Python, for the tests that hold what is exported to them.

# Sets BIFROST_TEST_BEANCHECK and BIFROST_TEST_PYTHON where they can be had; tests that need one are skipped where not.
find_beancount() {
    if [ -z "${BIFROST_TEST_BEANCHECK:-}" ]; then
        find_bean_check || say "warning: there is no bean-check, so tests that need it are skipped; install beancount"
    fi
    if [ -z "${BIFROST_TEST_PYTHON:-}" ]; then
        find_python || say "warning: there is no python3, so tests that need it are skipped; install python3"
    fi
}

# An installed one, the one beside the private PostgreSQL, or one that apt has.
find_bean_check() {
    if ! has bean-check; then
        if [ -d "$pg/rootfs/usr" ]; then
            [ -x "$pg/rootfs/usr/bin/bean-check" ] || install_beside || return 1
            python_beside bean-check -B "$pg/rootfs/usr/bin/bean-check"
            export BIFROST_TEST_BEANCHECK="$temporary/bean-check"
            return
        fi
        is_root && has apt-get && install_beancount && has bean-check || return 1
    fi
    BIFROST_TEST_BEANCHECK=$(command -v bean-check)
    export BIFROST_TEST_BEANCHECK
}

find_python() {
    if has python3; then
        BIFROST_TEST_PYTHON=$(command -v python3)
    elif [ -x "$pg/rootfs/usr/bin/python3" ]; then
        python_beside python3
        BIFROST_TEST_PYTHON=$temporary/python3
    else
        return 1
    fi
    export BIFROST_TEST_PYTHON
}

# python_beside NAME [ARG…]: makes a program of that name, which runs the root file system's Python
# outside of it, where it sees the caller's files.
python_beside() {
    loader=$(echo_first "$pg"/rootfs/usr/lib/*-linux-gnu*/ld-linux*.so.*)
    program=$temporary/$1
    shift
    {
        echo '#!/bin/sh'
        printf "PYTHONHOME='%s' PYTHONPATH='%s' exec" "$pg/rootfs/usr" "$pg/rootfs/usr/lib/python3/dist-packages"
        printf " '%s'" "$loader" --library-path "${loader%/*}" "$pg/rootfs/usr/bin/python3" -s "$@"
        # shellcheck disable=SC2016  # The program itself expands it.
        echo ' "$@"'
    } >"$program"
    chmod +x "$program"
}

# A root file system that was made before Beancount was one of its packages.
install_beside() (
    is_root || return 1
    exec 7>"$pg/beancount.lock"
    ! has flock || flock 7
    if [ ! -x "$pg/rootfs/usr/bin/bean-check" ]; then
        say "installing Beancount beside PostgreSQL (about a minute, once) …"
        cp -L /etc/resolv.conf "$pg/rootfs/etc/resolv.conf"
        in_apt update && in_apt install -y --no-install-recommends beancount && in_apt clean
    fi
)

in_apt() { DEBIAN_FRONTEND=noninteractive chroot "$pg/rootfs" apt-get "$@" >>"$pg/setup.log" 2>&1 </dev/null 7>&-; }

install_beancount() (
    # shellcheck source=scripts/postgres-setup.sh
    . "$root/scripts/postgres-setup.sh"
    make_home
    mkdir -p -- "$pg"
    say "installing beancount with apt (once) …"
    install_packages beancount
)
