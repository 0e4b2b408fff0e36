#!/bin/sh
# Installs the uv program from PyPI, if its digest is in the list: uv-install.sh LIST DIRECTORY
set -eu
list=$1
directory=$2
scripts=$(dirname "$0")
# shellcheck source=download.sh
. "$scripts/download.sh"

if python3 -m pip --version >/dev/null 2>&1; then
    run_pip() {
        python3 -m pip "$@"
    }
else
    # pip runs from its wheel: the package with the program brings more than all other steps together.
    "$scripts/apt-install.sh" python3 python3-pip-whl
    run_pip() {
        python3 "$(echo /usr/share/python-wheels/pip-*.whl)/pip" "$@"
    }
fi
run_pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps --no-compile \
    --only-binary :all: --require-hashes --target "$directory" --requirement "$list"
# Only the programs are used.
rm -r "$directory/uv"
