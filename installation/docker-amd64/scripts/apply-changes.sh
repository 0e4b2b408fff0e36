#!/bin/sh
# Applies the changes that keep-changes.sh has saved to the environment, in order: apply-changes.sh DIRECTORY…
set -eu
for directory; do
    xargs --no-run-if-empty --delimiter='\n' rm -rf -- <"$directory/removed"
    tar --extract --preserve-permissions --directory / --file "$directory/files.tar"
done
