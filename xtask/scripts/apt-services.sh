#!/bin/sh
# Installs what every dev image has: apt-services.sh SOLVER
set -eu

set -- "$1" openssh-server sudo
# conda's packages are installed by hand with a Python that they do not install over.
[ "$1" != conda ] || [ -x /usr/bin/python3 ] || set -- "$@" python3
shift
"$(dirname "$0")/apt-install.sh" "$@"
