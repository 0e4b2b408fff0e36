#!/bin/sh
# Installs the uv program from PyPI: uv-install.sh VERSION DIRECTORY
set -eu
version=$1
directory=$2
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

python3 -m pip --version >/dev/null 2>&1 || "$(dirname "$0")/apt-install.sh" python3 python3-pip
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$directory" "uv==$version"
