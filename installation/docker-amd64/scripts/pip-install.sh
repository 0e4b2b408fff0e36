#!/bin/sh
# Installs pip packages into /opt/env: pip-install.sh LIST, a lock or a requirements file; from a lock, without solving.
set -eu
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

[ -s "$1" ] || exit 0
# Files are copied, because the cache mount is another file system.
export UV_LINK_MODE=copy
/opt/uv/bin/uv pip install --python /opt/env/bin/python --requirements "$1"
