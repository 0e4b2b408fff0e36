#!/bin/sh
# Installs conda's solver and installer from PyPI, if its digest is in the list: rattler-install.sh LIST DIRECTORY
set -eu
list=$1
directory=$2
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

/opt/uv/bin/uv pip install --quiet --no-deps --only-binary :all: --require-hashes --link-mode copy --compile-bytecode \
    --target "$directory" --requirement "$list"
