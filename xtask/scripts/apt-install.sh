#!/bin/sh
# Installs system packages, by name and from a list with one package a line.
#
#   apt-install.sh [--list FILE] [PACKAGE…]
#
# /var/lib/apt/lists and /var/cache/apt are cache mounts, so nothing has to be cleaned up.
set -eu

if [ "${1-}" = --list ]; then
    list=$2
    shift 2
    while IFS= read -r package; do
        set -- "$@" "$package"
    done <"$list"
fi
[ $# -gt 0 ] || exit 0

# Docker's official images have a hook that deletes downloaded packages after each installation, in a cache mount too. It
# is disabled for this step only.
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

install() {
    apt install -q --yes --no-install-recommends -- "$@"
}

# The steps of a build come one after another: lists that another step has just fetched, from the same sources, are not fetched
# again.
sources=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | cksum | tr ' ' -)
fetched=/var/cache/apt/xtask-$sources-$(dpkg --print-architecture)
update() {
    apt update -q
    touch "$fetched"
}
is_recent=$(find "$fetched" -mmin -5 2>/dev/null || true)
[ -n "$is_recent" ] || update
if ! install "$@"; then
    # Meanwhile, a build of other sources may have removed the lists, or the mirror an older package.
    [ -n "$is_recent" ] || exit 1
    update
    install "$@"
fi

# Host keys in an image are no secret, and differ from build to build. ssh-server.sh creates keys for each project.
rm --force /etc/ssh/ssh_host_*
