#!/bin/sh
# `conda` in the dev container: installs, removes and lists packages of the environment, for this container.
#
# Not with the environment's Python, which may be about to change.
PYTHONPATH=/opt/conda-engine/lib PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 /opt/conda-engine/conda conda "$@"
