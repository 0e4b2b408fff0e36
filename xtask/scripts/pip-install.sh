#!/bin/sh
# Installs pip packages into /opt/env: pip-install.sh LIST [CONSTRAINTS]. LIST is a lock or a requirements file; from a lock,
# nothing is solved. CONSTRAINTS bounds versions, if the file exists.
set -eu
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

[ -s "$1" ] || exit 0
# Files are copied, because the cache mount is another file system.
export UV_LINK_MODE=copy
list=$1
constraints=${2:-}
set -- --requirements "$list"
[ ! -s "$constraints" ] || set -- "$@" --constraints "$constraints"
/opt/uv/bin/uv pip install --python /opt/env/bin/python "$@"
