#!/bin/sh
# Creates /opt/env with uv: environment-uv.sh DIRECTORY, with python.txt and pylock.toml.
# Where that is empty, as in a build for several platforms at once, uv solves requirements.txt here.
#
# The system's Python is used where it fits python.txt. Otherwise uv downloads one into the environment itself, so that
# copying that one directory is enough.
set -eu
lists=$1
python=$(cat "$lists/python.txt")
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

export UV_PYTHON_INSTALL_DIR=/opt/env/share/uv-python
/opt/uv/bin/uv venv --allow-existing --python-preference system ${python:+--python "$python"} /opt/env
list=$lists/requirements.txt
[ ! -s "$lists/pylock.toml" ] || list=$lists/pylock.toml
"$(dirname "$0")/pip-install.sh" "$list"
