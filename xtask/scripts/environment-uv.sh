#!/bin/sh
# Creates /opt/env with uv, without packages: environment-uv.sh FILE DIRECTORY
#
# FILE contains the version of Python; DIRECTORY gets what is created.
#
# The system's Python is used where it fits. Otherwise uv downloads one into the environment itself, so that copying that one
# directory is enough.
set -eu
python=$(cat "$1")
directory=$2
scripts=$(dirname "$0")
# shellcheck source=download.sh
. "$scripts/download.sh"

mkdir -p /opt/env
python3 "$scripts/layer.py" list /tmp/before
export UV_PYTHON_INSTALL_DIR=/opt/env/share/uv-python
/opt/uv/bin/uv venv --allow-existing --python-preference system ${python:+--python "$python"} /opt/env
python3 "$scripts/layer.py" finish /tmp/before "$directory"
rm /tmp/before
