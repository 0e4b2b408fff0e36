#!/bin/sh
# Changes a locked environment to the packages that were solved since: difference.sh LISTS
#
# LISTS contains removed.txt, pylock.difference.toml and, with conda, conda-difference.json. What is empty changes nothing.
set -eu
lists=$1
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

[ ! -s "$lists/removed.txt" ] ||
    /opt/uv/bin/uv --quiet pip uninstall --python /opt/env/bin/python --requirements "$lists/removed.txt"
[ ! -s "$lists/conda-difference.json" ] || "$(dirname "$0")/environment-conda.sh" "$lists/conda-difference.json"
"$(dirname "$0")/pip-install.sh" "$lists/pylock.difference.toml"
