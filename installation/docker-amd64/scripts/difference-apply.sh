#!/bin/sh
# Puts what difference.sh has found over the environment: difference-apply.sh DIRECTORY
set -eu
directory=$1
xargs --no-run-if-empty --delimiter='\n' rm -rf -- <"$directory/removed"
[ ! -s "$directory/files.tar" ] || tar --extract --preserve-permissions --directory / --file "$directory/files.tar"
