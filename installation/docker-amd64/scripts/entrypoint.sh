#!/bin/sh
# Starts a command in the container, for whatever user it runs as.
set -eu

# An unknown user's home is `/`, or one that belongs to somebody else.
if [ -z "${HOME-}" ] || [ ! -w "$HOME" ]; then
    HOME=${TMPDIR:-/tmp}/home-$(id -u)
    mkdir -p "$HOME"
    export HOME
fi

# A number without a name: Python's getpass, and what is built on it, then asks the environment.
if [ -z "${USER-}" ]; then
    USER=$(id -un 2>/dev/null || echo "uid-$(id -u)")
    LOGNAME=$USER
    export USER LOGNAME
fi

# The package is installed editable from here; a project mounted elsewhere is found first.
installed=/opt/project/python-project
project=${PROJECT_DIR:-$installed}
if [ "$project" != "$installed" ]; then
    export PYTHONPATH="$project/src${PYTHONPATH:+:$PYTHONPATH}"
fi

exec "$@"
