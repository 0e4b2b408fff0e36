#!/bin/sh
# Installs conda's solver and installer from PyPI, if its digest is in the list: rattler-install.sh LIST DIRECTORY
#
# DIRECTORY gets `lib`, and `conda` for the program that uses it.
set -eu
list=$1
directory=$2
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

# Bytecode without file times, which differ from build to build.
export PYC_INVALIDATION_MODE=UNCHECKED_HASH PYTHONHASHSEED=0
/opt/uv/bin/uv pip install --quiet --no-deps --only-binary :all: --require-hashes --link-mode copy --compile-bytecode \
    --target "$directory/lib" --requirement "$list"
mkdir "$directory/conda"
