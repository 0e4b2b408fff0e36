#!/bin/sh
# Installs system packages: those named, and those of a list with one package a line.
#
#   apt-install.sh [--list FILE] [PACKAGE…]
#
# /var/lib/apt/lists and /var/cache/apt are cache mounts: nothing has to be cleaned up behind it.
set -eu

if [ "${1-}" = --list ]; then
    list=$2
    shift 2
    while IFS= read -r package; do
        set -- "$@" "$package"
    done <"$list"
fi
[ $# -gt 0 ] || exit 0

# Images of Docker's library delete every downloaded package after each installation, in a cache mount too. The hook
# steps aside for this step alone.
hook=/etc/apt/apt.conf.d/docker-clean
if [ -f "$hook" ]; then
    trap 'mv /tmp/docker-clean "$hook"' EXIT
    mv "$hook" /tmp/docker-clean
fi

trust=
if [ -s /run/secrets/ca ]; then
    trust=Acquire::https::CAInfo=/run/secrets/ca
fi
apt() {
    DEBIAN_FRONTEND=noninteractive apt-get \
        -o Binary::apt-get::APT::Keep-Downloaded-Packages=1 -o APT::Keep-Downloaded-Packages=1 \
        -o Acquire::Retries=3 ${trust:+-o "$trust"} "$@"
}

apt update -q
apt install -q --yes --no-install-recommends -- "$@"
