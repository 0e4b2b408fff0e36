#!/bin/sh
# Installs pip packages into /opt/env: pip-install.sh DIRECTORY
#
# DIRECTORY contains pylock.toml, which is used unless it is empty, and requirements.txt.
set -eu
lists=$1
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

list=$lists/requirements.txt
[ ! -s "$lists/pylock.toml" ] || list=$lists/pylock.toml
[ -s "$list" ] || exit 0
set -- --requirements "$list"
# Files are copied, because the cache mount is another file system. Bytecode is compiled once here, not at every start.
export UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
/opt/uv/bin/uv pip install --python /opt/env/bin/python "$@"
