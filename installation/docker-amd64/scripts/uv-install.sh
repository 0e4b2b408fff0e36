#!/bin/sh
# Installs the uv program from PyPI, if its digest is in the list: uv-install.sh LIST DIRECTORY
set -eu
list=$1
directory=$2
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

python3 -m pip --version >/dev/null 2>&1 || "$(dirname "$0")/apt-install.sh" python3 python3-pip
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --only-binary :all: --require-hashes --target "$directory" --requirement "$list"
