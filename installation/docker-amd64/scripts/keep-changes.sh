#!/bin/sh
# Runs a command that changes /opt/env, and saves the changes: keep-changes.sh DIRECTORY COMMAND…
#
# Writes to DIRECTORY files.tar, the new and changed files, and `removed`, the paths that are gone. apply-changes.sh applies
# both to another copy of the environment.
set -eu
directory=$1
shift

mkdir -p "$directory"
work=$(mktemp -d)
find /opt/env | sort >"$work/before"
touch "$work/start"
# Longer than the resolution of file times, so that files written from now on are newer.
sleep 0.05
"$@"
"$(dirname "$0")/share-environment.sh"

find /opt/env | sort >"$work/after"
comm -23 "$work/before" "$work/after" >"$directory/removed"
find /opt/env -cnewer "$work/start" | tar --create --no-recursion --file "$directory/files.tar" --files-from -
rm -r "$work"
