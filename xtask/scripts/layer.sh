#!/bin/sh
# Makes one layer of the environment from its lists: layer.sh LISTS DIRECTORY
#
# LISTS contains conda.json and pylock.toml; an empty one adds nothing. DIRECTORY gets what is added.
set -eu
lists=$1
directory=$2
scripts=$(dirname "$0")

python3 "$scripts/layer.py" list /tmp/before
[ ! -s "$lists/conda.json" ] || "$scripts/environment-conda.sh" "$lists/conda.json"
"$scripts/pip-install.sh" "$lists/pylock.toml"
python3 "$scripts/layer.py" finish /tmp/before "$directory"
rm /tmp/before
