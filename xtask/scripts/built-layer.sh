#!/bin/sh
# Builds and installs pip's packages from source, where the compilers and all other packages are: built-layer.sh LISTS DIRECTORY
#
# LISTS contains pylock.toml and requirements.txt; the latter is solved here, where nobody could before, within the bounds of
# constraints.txt, if there is one. DIRECTORY gets what is added.
set -eu
lists=$1
directory=$2
scripts=$(dirname "$0")

python3 "$scripts/layer.py" list /tmp/before
"$scripts/pip-install.sh" "$lists/pylock.toml"
"$scripts/pip-install.sh" "$lists/requirements.txt" "$lists/constraints.txt"
python3 "$scripts/layer.py" finish /tmp/before "$directory"
rm /tmp/before
