#!/bin/sh
# Installs and configures the tools of the dev image: apt-dev.sh LIST SOLVER
set -eu
scripts=$(dirname "$0")

"$scripts/apt-install.sh" --list "$1"
"$scripts/dev-tools.sh" "$2"
