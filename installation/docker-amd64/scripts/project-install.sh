#!/bin/sh
# Installs a project editable into /opt/env: project-install.sh DIRECTORY
set -eu
directory=$1
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

[ -x /opt/env/bin/python ] || exit 0
# Its dependencies are the environment's: what is installed is what dependencies/ asks for, and nothing else.
export UV_LINK_MODE=copy
/opt/uv/bin/uv pip install --python /opt/env/bin/python --no-deps --editable "$directory"
