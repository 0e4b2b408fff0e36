#!/bin/sh
# Makes /opt/env with uv: environment-uv.sh DIRECTORY, which has python.txt and what pip-install.sh reads.
#
# The system's Python is used where it satisfies what python.txt asks for; else uv fetches one, into the environment
# itself, so that copying that one directory is enough.
set -eu
lists=$1
python=$(cat "$lists/python.txt")
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

export UV_PYTHON_INSTALL_DIR=/opt/env/share/uv-python
/opt/uv/bin/uv venv --allow-existing --python-preference system ${python:+--python "$python"} /opt/env
"$(dirname "$0")/pip-install.sh" "$lists"
