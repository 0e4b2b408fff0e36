#!/bin/sh
# Puts what keep-changes.sh has kept over the environment: apply-changes.sh DIRECTORY…, one after the other
set -eu
for directory; do
    xargs --no-run-if-empty --delimiter='\n' rm -rf -- <"$directory/removed"
    tar --extract --preserve-permissions --directory / --file "$directory/files.tar"
done
