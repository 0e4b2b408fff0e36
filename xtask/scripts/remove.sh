#!/bin/sh
# Removes what is gone in the changes that keep-changes.sh has kept: remove.sh LIST…
set -eu
cat "$@" | while IFS= read -r path; do
    folder=${path%/*}
    rm -rf -- "$path"
    # Constant, as in keep-changes.sh.
    [ ! -d "$folder/" ] || touch --date=@1577836800 "$folder/"
done
