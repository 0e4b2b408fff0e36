#!/bin/sh
# Makes /opt/env with micromamba: environment-conda.sh DIRECTORY, which has conda.lock, used unless it is empty, and
# conda.yml.
set -eu
lists=$1
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

# Packages are in a cache mount, another file system than the environment: they are copied, not linked.
export MAMBA_ROOT_PREFIX=/var/cache/conda CONDA_PKGS_DIRS=/var/cache/conda/pkgs MAMBA_ALWAYS_COPY=true
# micromamba writes beside the file that it reads.
work=$(mktemp -d)
cp "$lists/conda.yml" "$lists/conda.lock" "$work"
file=conda.yml
[ ! -s "$work/conda.lock" ] || file=conda.lock
micromamba create --yes --prefix /opt/env --file "$work/$file"
rm -r "$work"
