#!/bin/sh
# Makes /opt/env of exactly conda's packages in a request, or changes it so that it has them: environment-conda.sh REQUEST
set -eu
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

# Not the environment's Python, which may be about to change.
PYTHONPATH=/opt/conda-engine/lib PYTHONDONTWRITEBYTECODE=1 python3 /opt/conda-engine/conda install --plain "$1"
