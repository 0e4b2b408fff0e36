#!/bin/sh
# Runs a command that changes /opt/env, and keeps what it has changed there: keep-changes.sh DIRECTORY COMMAND…
#
# DIRECTORY gets files.tar, what is new or different, and removed, the paths that are gone: apply-changes.sh puts both over
# another copy of the environment.
set -eu
directory=$1
shift

mkdir -p "$directory"
work=$(mktemp -d)
find /opt/env | sort >"$work/before"
touch "$work/start"
# Longer than the clock of a file system's times takes for a step, so that what is written now is later.
sleep 0.05
"$@"
"$(dirname "$0")/share-environment.sh"

find /opt/env | sort >"$work/after"
comm -23 "$work/before" "$work/after" >"$directory/removed"
find /opt/env -cnewer "$work/start" | tar --create --no-recursion --file "$directory/files.tar" --files-from -
rm -r "$work"
