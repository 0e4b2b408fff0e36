#!/bin/sh
# Installs pip packages into /opt/env: pip-install.sh REQUIREMENTS_FILE
set -eu
requirements=$1
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

[ -s "$requirements" ] || exit 0
# The cache is a mount, another file system than the environment. Bytecode is compiled here once, not at every start.
export UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
/opt/uv/bin/uv pip install --python /opt/env/bin/python --requirements "$requirements"
