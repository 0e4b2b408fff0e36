#!/bin/sh
# Creates /opt/env with micromamba: environment-conda.sh DIRECTORY
#
# DIRECTORY contains conda.lock, which is used unless it is empty, and conda.yml.
set -eu
lists=$1
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

# Packages are copied, not linked, because the cache mount is another file system than the environment.
export MAMBA_ROOT_PREFIX=/var/cache/conda CONDA_PKGS_DIRS=/var/cache/conda/pkgs MAMBA_ALWAYS_COPY=true
# micromamba writes files beside the one that it reads.
work=$(mktemp -d)
cp "$lists/conda.yml" "$lists/conda.lock" "$work"
file=conda.yml
[ ! -s "$work/conda.lock" ] || file=conda.lock
micromamba create --yes --prefix /opt/env --file "$work/$file"
rm -r "$work"
