#!/bin/sh
# Applies changes that keep-changes.sh has kept, in order: apply-changes.sh DIRECTORY…
set -eu
for directory; do
    [ ! -e "$directory/removed" ] || xargs --no-run-if-empty --delimiter='\n' rm -rf -- <"$directory/removed"
    [ ! -e "$directory/files" ] || cp --archive "$directory/files/." /
done
