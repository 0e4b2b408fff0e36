#!/bin/sh
# Runs a command that changes what is below a directory, and keeps the changes: keep-changes.sh ROOT DIRECTORY COMMAND…
#
# DIRECTORY gets `files`, a tree with the new and changed files from the root of the file system, to be copied over another one;
# and `removed`, the paths that are gone. Other file systems below ROOT, such as cache mounts, are left out, and so is what is
# temporary.
set -eu
root=$1
directory=$2
shift 2

paths() {
    find "$root" -xdev \( -path /changes -o -path /tmp -o -path /run \) -prune -o "$@" -print | sort
}

# Each path, and the directories that it is in: whoever copies the tree gives these the modes that they have in it.
with_parents() {
    while IFS= read -r path; do
        while [ -n "$path" ]; do
            printf '%s\n' "$path"
            path=${path%/*}
        done
    done | sort --unique
}

mkdir -p "$directory/files"
work=$(mktemp -d)
paths -true >"$work/before"
touch "$work/start"
# Longer than the resolution of file times, so that files written from now on are newer.
sleep 0.05
"$@"
[ "$root" != /opt/env ] || "$(dirname "$0")/share-environment.sh"

paths -true >"$work/after"
comm -23 "$work/before" "$work/after" >"$directory/removed"
paths -cnewer "$work/start" | with_parents >"$work/changed"
archive() {
    tar --create --directory / --absolute-names --no-recursion --xattrs --xattrs-include='security.*' --verbatim-files-from --files-from "$work/changed"
}
archive | tar --extract --preserve-permissions --xattrs --xattrs-include='security.*' --directory "$directory/files"
rm -r "$work"
