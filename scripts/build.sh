# shellcheck shell=sh
# Building the solution, and not building it when nothing has changed.

built_program=$root/src/Cli/bin/Release/net10.0

# The same, compiled to machine code: it starts in two thirds of the time, and is at its full speed
# in seconds. Where there is no compiler for this machine it is a plain copy.
ahead=$root/src/Cli/bin/Release/ahead
cli=$ahead/bifrost.dll

# What dotnet says about itself, and the processes it leaves behind for the next build, are of no
# use to those who only want the result.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

require_dotnet() {
    wanted='install the .NET SDK 10.0: https://dotnet.microsoft.com/download/dotnet/10.0'
    wanted="$wanted (or the package dotnet-sdk-10.0)"
    has dotnet || fail "dotnet is not installed; $wanted"
    # With global.json in reach dotnet itself says when no installed SDK satisfies it.
    sdk=$(cd "$root" && dotnet --version 2>/dev/null) || sdk=
    case ${sdk%%.*} in
    '' | *[!0-9]*) fail "no .NET SDK that fits global.json is installed; $wanted" ;;
    esac
    [ "${sdk%%.*}" -ge 10 ] || fail "the .NET SDK $sdk is too old; $wanted"
}

# Everything that goes into the build, by path. Lock files are left out: the build itself writes
# them where they are missing, and a changed one comes with a changed project file.
sources() {
    find "$root" \
        \( -name .git -o -name .bifrost -o -name bin -o -name obj -o -name TestResults -o -path "$BIFROST_HOME" \) \
        -prune -o -type f ! -name packages.lock.json \
        \( -path "$root/src/*" -o -path "$root/tests/*" -o -path "$root/bench/*" -o -path "$root/sql/*" \
        -o -path "$root/docs/*" -o -name '*.props' -o -name '*.targets' -o -name '*.sln' -o -name '*.slnx' \
        -o -name global.json -o -name .editorconfig -o -iname nuget.config \) "$@" -print
}

# The list of sources tells of files that were removed, their times of those that were changed.
is_built() {
    [ -f "$cli" ] && [ -f "$stamp" ] &&
        [ "$(sources | sort | cksum)" = "$(cat -- "$stamp")" ] &&
        [ -z "$(sources -newer "$stamp")" ]
}

build() {
    has dotnet || require_dotnet
    [ -f "$root/Bifrost.sln" ] || fail "$root/Bifrost.sln is missing; this is not a whole checkout"
    make_home
    stamp=$BIFROST_HOME/build.stamp
    # Within ./bifrost test a source that is edited meanwhile must not replace what is being tested.
    if [ -n "${BIFROST_IS_BUILT:-}" ] || is_built; then
        return
    fi
    require_dotnet
    if has flock; then
        # Two homes may share one checkout, and two builds at once would write the same files. The
        # lock is on this very script: .NET locks the files it reads, the solution among them.
        exec 7<"$root/bifrost"
        flock 7
    fi
    log=$BIFROST_HOME/build.log
    say "building (log: $log) …"
    # The stamp is as old as the start of the build: what is edited meanwhile is built next time.
    sources | sort | cksum >"$stamp.new"
    status=0
    (cd "$root" && restore_and_build) >"$log" 2>&1 </dev/null 3<&- 7<&- 8>&- 9>&- || status=$?
    if [ "$status" -ne 0 ]; then
        rm -f -- "$stamp.new"
        show_build_errors
        fail "the build failed; its log is $log"
    fi
    mv -f -- "$stamp.new" "$stamp"
    if has flock; then
        exec 7<&-
    fi
}

restore_and_build() {
    locked=
    case ${CI:-} in
    true | 1) locked=--locked-mode ;;
    esac
    # The compilers share a server while they build, one of our own, so that it can be ended after.
    compiler=bifrost-$$-$(random_hex 4)
    dotnet restore Bifrost.sln ${locked:+"$locked"} &&
        dotnet build Bifrost.sln --configuration Release --no-restore -nodeReuse:false \
            "-p:SharedCompilationId=$compiler"
    built=$?
    end_compiler "$compiler"
    [ "$built" -eq 0 ] || return "$built"
    compile_ahead && put_ahead_in_tests
}

# Each library by itself, and only those that are new.
compile_ahead() {
    mkdir -p -- "$ahead" || return
    find "$ahead" -type f | while read -r file; do
        [ -f "$built_program/${file#"$ahead/"}" ] || rm -f -- "$file"
    done
    (cd "$built_program" && find . -type d) | while read -r folder; do mkdir -p -- "$ahead/$folder"; done
    (cd "$built_program" && find . -type f ! -name '*.dll') |
        while read -r file; do cp -p -- "$built_program/$file" "$ahead/$file" || exit; done || return
    (cd "$built_program" && find . -type f -name '*.dll') | while read -r file; do
        [ -f "$ahead/$file" ] && [ -z "$(find "$built_program/$file" -newer "$ahead/$file")" ] ||
            printf '%s\n' "$file"
    done | xargs -r -n 1 -P 2 sh "$root/scripts/compile-ahead.sh" "$built_program" "$ahead" "$(crossgen)" "$(runtimes)"
}

# Tests spend much of their time compiling what they test, each project anew. Beside each project's build is the same
# with the compiled libraries in their places, all of it links.
put_ahead_in_tests() {
    for folder in "$root"/tests/*.Tests/bin/Release/net10.0; do
        to=${folder%/*}/ahead
        rm -rf -- "$to" && cp -Rl -- "$folder" "$to" || return
        set --
        for file in "$ahead"/*.dll; do
            name=${file##*/}
            # A copy of the very same build.
            if [ -f "$folder/$name" ] && [ ! "$folder/$name" -nt "$built_program/$name" ] &&
                [ ! "$built_program/$name" -nt "$folder/$name" ]; then
                set -- "$@" "$file"
            fi
        done
        [ $# -eq 0 ] || ln -f -- "$@" "$to" || return
    done
}

# Of the version that was restored last; nothing where there is none for this machine.
crossgen() {
    packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
    find "$packages/microsoft.netcore.app.crossgen2.linux-x64" -path '*/tools/crossgen2' 2>/dev/null |
        sort -V | tail -n 1
}

# Where the libraries of .NET itself are, by the newest version that the program runs on.
runtimes() {
    dotnet --list-runtimes | awk '
        $2 ~ /^10\./ && $1 ~ /^Microsoft\.(NETCore|AspNetCore)\.App$/ {
            place = $0; sub(/^[^[]*\[/, "", place); sub(/\]$/, "", place); of[$1] = place "/" $2
        }
        END { for (name in of) printf "%s:", of[name] }'
}

# Without this the compiler server would sit there for ten minutes.
end_compiler() {
    directory=$(dotnet --list-sdks | awk -v sdk="$sdk" '$1 == sdk { sub(/^[^[]*\[/, ""); sub(/\]$/, ""); print; exit }')
    server=$directory/$sdk/Roslyn/bincore/VBCSCompiler
    if [ -x "$server" ]; then
        "$server" "-pipename:$1" -shutdown
    elif [ -f "$server.dll" ]; then
        dotnet exec "$server.dll" "-pipename:$1" -shutdown
    fi || true
}

show_build_errors() {
    errors=$(grep -E '(: |^)(error|warning) [A-Za-z]+[0-9]+:|MSBUILD : error' "$log" |
        sed "s|^ *$root/||; s| \[[^]]*\]\$||" | sort -u | head -n 60)
    if [ -n "$errors" ]; then
        printf '%s\n' "$errors" >&2
    else
        tail -n 40 "$log" >&2
    fi
}
