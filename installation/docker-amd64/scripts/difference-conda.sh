#!/bin/sh
# Changes a locked environment to the packages that were solved since: difference-conda.sh LISTS
#
# LISTS contains conda-difference.json, pylock.difference.toml and removed.txt. What is empty changes nothing.
set -eu
lists=$1
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

uv() {
    UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 /opt/uv/bin/uv --quiet pip "$@" --python /opt/env/bin/python
}

[ ! -s "$lists/removed.txt" ] || uv uninstall --requirements "$lists/removed.txt"
[ ! -s "$lists/conda-difference.json" ] || "$(dirname "$0")/environment-conda.sh" "$lists/conda-difference.json"
[ ! -s "$lists/pylock.difference.toml" ] || uv install --requirements "$lists/pylock.difference.toml"
