# shellcheck shell=sh
# Compiles one library to machine code. Arguments: where the build is, where to, the compiler or
# nothing, the folders of .NET's own libraries each followed by a colon, and the library.
set -eu

from=$1 to=$2 crossgen=$3 runtimes=$4 file=$5

set -- "$from/$file" -o "$to/$file.new" -r "$from/*.dll" --targetos linux --targetarch x64 -O
while [ -n "$runtimes" ]; do
    set -- "$@" -r "${runtimes%%:*}/*.dll"
    runtimes=${runtimes#*:}
done
# What cannot be compiled is compiled as it is used, like everything without this.
if [ -z "$crossgen" ] || ! "$crossgen" "$@" >/dev/null 2>&1; then
    cp -- "$from/$file" "$to/$file.new"
fi
mv -f -- "$to/$file.new" "$to/$file"
