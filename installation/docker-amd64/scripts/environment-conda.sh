#!/bin/sh
# Makes /opt/env with micromamba: environment-conda.sh FILE
set -eu
file=$1
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

# Packages are in a cache mount, another file system than the environment: they are copied, not linked.
export MAMBA_ROOT_PREFIX=/var/cache/conda CONDA_PKGS_DIRS=/var/cache/conda/pkgs MAMBA_ALWAYS_COPY=true
# micromamba writes beside the file that it reads.
work=$(mktemp -d)
cp "$file" "$work/conda.yml"
micromamba create --yes --prefix /opt/env --file "$work/conda.yml"
rm -r "$work"
