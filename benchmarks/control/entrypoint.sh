#!/bin/sh
# Installs the mounted project at every start, as images do that do not have it.
set -eu
pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable /opt/project
exec "$@"
