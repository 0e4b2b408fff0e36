#!/bin/sh
# Installs the system packages of the runtime image, and prepares it for any user: apt-runtime.sh LIST
set -eu
scripts=$(dirname "$0")

"$scripts/apt-install.sh" --list "$1" tini libnss-extrausers libnss-wrapper
"$scripts/any-user.sh" /home/user
