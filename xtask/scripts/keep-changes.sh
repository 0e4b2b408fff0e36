#!/bin/sh
# Runs a command that changes what is below a directory, and keeps the changes: keep-changes.sh ROOT DIRECTORY COMMAND…
#
# DIRECTORY gets `files`, a tree with the new and changed files from the root of the file system, to be copied over another one;
# and `removed`, the paths that are gone. Other file systems below ROOT, such as cache mounts, are left out, and so is what is
# temporary.
#
# The changes are the same bytes whenever and wherever they are made: what the command has written has a constant time, and logs,
# backups and what names inodes are left out.
set -eu
root=$1
directory=$2
shift 2

# 2020-01-01, in seconds and in days since 1970: that of layer.py.
time=1577836800
day=18262

found() {
    find "$root" -xdev \( -path /changes -o -path /tmp -o -path /run -o -path /var/cache/apt -o -path /var/lib/apt/lists \) -prune \
        -o \( -path '/var/log/apt/*' -o -path /var/log/dpkg.log -o -path /var/log/alternatives.log \) \
        -o \( -path '/etc/*-' -o -path '/var/lib/dpkg/*-old' -o -path '/var/cache/debconf/*-old' \) \
        -o -path /var/cache/ldconfig/aux-cache -o -path /opt/env/.lock \
        -o "$@"
}

paths() {
    found "$@" -print | sort
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

# Of directories all that are in the tree, because an earlier step may have made them.
set_times() {
    found -newer "$work/start" -exec touch --no-dereference --date="@$time" {} +
    paths -cnewer "$work/start" | with_parents | while IFS= read -r path; do
        [ -L "$path" ] || [ ! -d "$path" ] || printf '%s\0' "$path"
    done | xargs --null --no-run-if-empty touch --date="@$time"
}

# The day of a user's last change of password is the one on which its package was installed.
set_days() {
    [ -f "$work/shadow" ] && ! cmp --quiet "$work/shadow" /etc/shadow || return 0
    awk -F: -v OFS=: -v day="$day" 'NR == FNR { old[$0]; next } !($0 in old) && $3 != "" { $3 = day } 1' \
        "$work/shadow" /etc/shadow >"$work/users"
    cat "$work/users" >/etc/shadow
}

mkdir -p "$directory/files"
work=$(mktemp -d)
[ "$root" != / ] || [ ! -f /etc/shadow ] || cp /etc/shadow "$work/shadow"
paths -true >"$work/before"
touch "$work/start"
# Longer than the resolution of file times, so that files written from now on are newer.
sleep 0.05
"$@"
[ "$root" != /opt/env ] || "$(dirname "$0")/share-environment.sh"

set_days
set_times
# It notes the times of folders with fonts, and believes its notes only while these are the same.
if [ -n "$(found -path '/var/cache/fontconfig/*' -cnewer "$work/start" -print -quit)" ]; then
    fc-cache --really-force --system-only
    set_times
fi

paths -true >"$work/after"
comm -23 "$work/before" "$work/after" >"$directory/removed"
paths -cnewer "$work/start" | with_parents >"$work/changed"
archive() {
    tar --create --directory / --absolute-names --no-recursion --xattrs --xattrs-include='security.*' --verbatim-files-from --files-from "$work/changed"
}
# Files of one directory do not come one after another.
archive | tar --extract --preserve-permissions --delay-directory-restore --xattrs --xattrs-include='security.*' --directory "$directory/files"
rm -r "$work"
