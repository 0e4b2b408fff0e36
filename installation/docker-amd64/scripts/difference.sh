#!/bin/sh
# Finds what has to be put over a locked environment: difference.sh LISTS DIRECTORY
#
# LISTS has difference.txt, what is asked for (empty: nothing differs), and preferences.txt, the versions to keep where that
# can be. DIRECTORY gets files.tar, what is new or different, and removed, the paths that are gone.
set -eu
lists=$1
directory=$2
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

mkdir -p "$directory"
: >"$directory/removed"
: >"$directory/files.tar"
[ -s "$lists/difference.txt" ] || exit 0

uv() {
    UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 /opt/uv/bin/uv --quiet "$@"
}
names() {
    sed -n 's/^\([A-Za-z0-9][A-Za-z0-9._-]*\).*/\1/p' "$1" | sort -u
}

work=$(mktemp -d)
find /opt/env | sort >"$work/before"
touch "$work/start"
# Longer than the clock of a file system's times takes for a step, so that what is written now is later.
sleep 0.05

# uv keeps the versions of an output file that is there already, unless they cannot be kept.
cp "$lists/preferences.txt" "$work/wanted.txt"
uv pip compile --python /opt/env/bin/python --emit-index-url --emit-find-links --no-annotate --no-header \
    --output-file "$work/wanted.txt" "$lists/difference.txt"
names "$lists/preferences.txt" >"$work/old"
names "$work/wanted.txt" >"$work/new"
comm -23 "$work/old" "$work/new" >"$work/gone"
if [ -s "$work/gone" ]; then
    uv pip uninstall --python /opt/env/bin/python --requirements "$work/gone"
fi
uv pip install --python /opt/env/bin/python --no-deps --requirements "$work/wanted.txt"
"$(dirname "$0")/share-environment.sh"

find /opt/env | sort >"$work/after"
comm -23 "$work/before" "$work/after" >"$directory/removed"
find /opt/env -cnewer "$work/start" | tar --create --no-recursion --file "$directory/files.tar" --files-from -
rm -r "$work"
