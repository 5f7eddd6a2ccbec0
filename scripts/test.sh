# shellcheck shell=sh
# ./bifrost test: all tests against a real PostgreSQL and a real Redis.

# shellcheck source=scripts/session.sh
. "$root/scripts/session.sh"
# shellcheck source=scripts/quick.sh
. "$root/scripts/quick.sh"
# shellcheck source=scripts/containers.sh
. "$root/scripts/containers.sh"
# shellcheck source=scripts/redis.sh
. "$root/scripts/redis.sh"
# shellcheck source=scripts/beancount.sh
. "$root/scripts/beancount.sh"

test_usage() {
    cat <<'USAGE'
./bifrost test [--quick | [--filter EXPR] [NAME…]]: build, start a database and a Redis, and run the tests
of all projects below tests/, or of those named (Domain.Tests, Domain or tests/Domain.Tests).

  --quick         a part that tells much and takes less than three minutes, for while you work: see below
  --filter EXPR   as in dotnet test: --filter some_words, --filter FullyQualifiedName~Orders

The servers are in containers where a Docker engine answers, else they are the private ones.
BIFROST_TEST_DATABASE says which: containers, private, or an Npgsql connection string of a role that
may create databases and roles, with BIFROST_TEST_SUPERUSER for its superuser. With BIFROST_DATABASE
or BIFROST_POSTGRES set they are those. BIFROST_TEST_REDIS, host:port, names a Redis to use instead;
BIFROST_TEST_BEANCHECK a bean-check and BIFROST_TEST_PYTHON a python3.

The last line is 'N passed, N failed' or 'N passed, N failed, N skipped'. A project that crashes,
hangs or runs no test counts as one failure.
USAGE
    printf '\n--quick runs these, with fewer cases of each property; whatever is not here is not run:\n\n'
    quick_tests | sed 's/^/  /; s/^  \([^ ]*\)$/  \1 (all of it)/'
}

test_command() {
    filter=
    projects=
    quick=
    while [ $# -gt 0 ]; do
        case $1 in
        --help | -h)
            test_usage
            return
            ;;
        --quick) quick=yes ;;
        --filter)
            [ -n "${2:-}" ] || usage_error "--filter needs an expression"
            filter=$2
            shift
            ;;
        --filter=?*) filter=${1#--filter=} ;;
        -*) usage_error "test knows no option '$1'" ;;
        *) projects="$projects $(project_called "$1")" || usage_error "there is no test project '$1' below tests/" ;;
        esac
        shift
    done
    if [ -n "$quick" ]; then
        [ -z "$projects$filter" ] || usage_error "--quick chooses the tests itself, so it takes no name and no --filter"
        projects=$(quick_tests | cut -d ' ' -f 1)
        # The tests' own properties read it.
        export BIFROST_TEST_CASES="$quick_cases"
    elif [ -z "$projects" ]; then
        projects=$(all_projects)
    fi
    begin_session
    build
    temporary=$BIFROST_HOME/tmp/test-$$
    mkdir -p -- "$temporary"
    provide_servers
    find_beancount
    for project in $projects; do
        if [ -n "$quick" ]; then
            run_project "$project" "$(quick_filter "$project")"
        else
            run_project "$project" "$filter"
        fi
    done
    [ -z "$quick" ] || say "this was a part; ./bifrost test runs all"
    summarize
}

all_projects() {
    for file in "$root"/tests/*.Tests/*.csproj; do
        [ -f "$file" ] && basename -- "$(dirname -- "$file")"
    done
}

project_called() {
    name=${1%/}
    name=${name##*/}
    name=${name%.csproj}
    for candidate in "$name" "$name.Tests"; do
        if [ -d "$root/tests/$candidate" ]; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

# Tests make databases and tamper with them, so they never see BIFROST_DATABASE under that name, nor
# BIFROST_REDIS.
provide_servers() {
    # Tests that call this script mean the build that they are of.
    BIFROST_IS_BUILT=yes
    export BIFROST_IS_BUILT
    unset BIFROST_TEST_HOME
    wanted=${BIFROST_TEST_DATABASE:-}
    if [ -z "$wanted" ] && { foreign_database || [ -n "${BIFROST_POSTGRES:-}" ]; }; then
        wanted=private
    fi
    case $wanted in
    '' | containers)
        if use_containers; then
            forget_connection
            return
        fi
        use_private_database
        ;;
    private) use_private_database ;;
    *)
        export BIFROST_TEST_DATABASE
        say "the tests use the server that BIFROST_TEST_DATABASE names"
        ;;
    esac
    start_redis
}

# Where they were asked for there is no other way.
use_containers() {
    answer=0
    start_containers || answer=$?
    case $answer:$wanted in
    0:*)
        say "the tests use servers in containers"
        return
        ;;
    1:containers)
        fail "BIFROST_TEST_DATABASE asks for containers, but no Docker engine answers;" \
            "start one, or name it by DOCKER_HOST"
        ;;
    2:*)
        grep -Ev '^ +at |^$' "$containers_log" | cut -c 1-200 | tail -n 20 >&2
        [ -z "$wanted" ] || fail "the containers that BIFROST_TEST_DATABASE asks for do not start; see above"
        say "warning: a Docker engine answers, but its containers do not start; using the private servers instead"
        ;;
    esac
    return 1
}

use_private_database() {
    open_database
    if foreign_database; then
        BIFROST_TEST_DATABASE=$BIFROST_DATABASE
        unset BIFROST_TEST_SUPERUSER
    else
        BIFROST_TEST_DATABASE=$(owner_url)
        BIFROST_TEST_SUPERUSER=$(superuser_url)
        # Tests that call this script mean the server that was started for them.
        BIFROST_TEST_HOME=$BIFROST_HOME
        export BIFROST_TEST_SUPERUSER BIFROST_TEST_HOME
        forget_connection
    fi
    export BIFROST_TEST_DATABASE
}

# run_project NAME [FILTER]
run_project() {
    printf '%s\n' "$1"
    log=$temporary/$1.log
    began=$(date +%s)
    status=0
    # Servers that tests start keep their anchors where the tests' results are. The assembly and not its project is
    # named, because MSBuild takes seconds to say where a project's assembly is.
    run_family env -u BIFROST_DATABASE -u BIFROST_REDIS BIFROST_HOME="$temporary/home" \
        dotnet test "$root/tests/$1/bin/Release/net10.0/Bifrost.$1.dll" --nologo \
        --logger "trx;LogFileName=$1.trx" --logger 'console;verbosity=minimal' --results-directory "$temporary" \
        --blame-hang --blame-hang-timeout 10m --blame-hang-dump-type none \
        ${2:+--filter "$2"} >"$log" 2>&1 || status=$?
    counts='0 0 0'
    if [ -f "$temporary/$1.trx" ]; then
        read_results "$temporary/$1.trx" >"$temporary/$1.txt"
        counts=$(sed -n 's/^counts //p' "$temporary/$1.txt")
        sed '/^counts /d' "$temporary/$1.txt"
    fi
    # shellcheck disable=SC2086  # Three numbers.
    set -- "$1" $counts
    broken=
    if [ ! -f "$temporary/$1.trx" ]; then
        broken='did not run'
    elif grep -q 'Test Run Aborted' "$log" || { [ "$status" -ne 0 ] && [ "$3" -eq 0 ]; }; then
        broken='crashed or hung'
    elif [ -z "$filter" ] && [ $(($2 + $3 + $4)) -eq 0 ]; then
        broken='has no tests'
    fi
    failed=$3
    if [ -n "$broken" ]; then
        # A crashing test host prints pages of its runtime's own frames around what matters.
        grep -Ev '^ +at (System|Xunit|Microsoft)\.|^$' "$log" | cut -c 1-200 | tail -n 40
        printf '  BROKEN %s %s (exit code %s)\n' "$1" "$broken" "$status"
        failed=$((failed + 1))
    fi
    printf '  %s passed, %s failed, %s skipped in %s s\n' "$2" "$failed" "$4" "$(($(date +%s) - began))"
    printf '%s %s %s\n' "$2" "$failed" "$4" >>"$temporary/counts"
}

# Reads the results of one project: failures with message and stack, skipped tests with their
# reason, and a last line 'counts PASSED FAILED SKIPPED'. Each record is one XML tag with the text
# that follows it.
read_results() {
    awk 'BEGIN { RS = "<" }
        function plain(text) {
            gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text)
            gsub(/&apos;/, "\047", text); gsub(/&#x[dD];/, "", text); gsub(/&#x[aA];/, "\n", text)
            gsub(/&amp;/, "\\&", text)
            return text
        }
        function attribute(name,    from, rest) {
            from = index($0, " " name "=\"")
            if (!from) return ""
            rest = substr($0, from + length(name) + 3)
            return plain(substr(rest, 1, index(rest, "\"") - 1))
        }
        function body() { return plain(substr($0, index($0, ">") + 1)) }
        function indented(text) {
            sub(/[ \n]+$/, "", text)
            gsub(/\n/, "\n      ", text)
            return "      " text
        }
        function finish() {
            if (outcome == "Passed") passed++
            else if (outcome == "NotExecuted") {
                skipped++
                gsub(/\n/, " ", message)
                print "  SKIPPED " name ": " (message == "" ? "no reason given" : message)
            } else if (outcome != "") {
                failed++
                print "  FAILED " name
                if (message != "") print indented(message)
                # Frames of the runtime and the test framework only hide those of the test.
                gsub(/(^|\n) +at (System|Xunit)\.[^\n]*/, "", stack)
                gsub(/^\n/, "", stack)
                if (stack != "") print indented(stack)
            }
            outcome = ""
        }
        /^UnitTestResult / {
            finish()
            name = attribute("testName"); outcome = attribute("outcome"); message = stack = ""
            if (outcome == "") outcome = "Unknown"
        }
        /^Message>/ && outcome != "" { message = body() }
        /^StackTrace>/ && outcome != "" { stack = body() }
        /^\/Results>/ { finish() }
        END { finish(); print "counts " passed + 0, failed + 0, skipped + 0 }' "$1"
}

summarize() {
    totals=$(
        awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' "$temporary/counts" 2>/dev/null
    ) || totals='0 0 0'
    # shellcheck disable=SC2086  # Three numbers.
    set -- $totals
    if [ $(($1 + $2)) -eq 0 ]; then
        say "no test was executed"
    fi
    # Programs read the last line, so whatever the end of the session has to say goes before it.
    last_line="$1 passed, $2 failed"
    if [ "$3" -gt 0 ]; then
        last_line="$last_line, $3 skipped"
    fi
    [ "$2" -eq 0 ] && [ $(($1 + $2)) -gt 0 ] || exit 1
}
