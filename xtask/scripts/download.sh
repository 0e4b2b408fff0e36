# Sourced by the build scripts that download: makes programs trust the host's certificate authorities and log in as the
# person who builds, for this step only, and keep downloads in cache mounts.
# shellcheck shell=sh

export UV_CACHE_DIR=/var/cache/uv UV_PYTHON_CACHE_DIR=/var/cache/uv/python PIP_CACHE_DIR=/var/cache/pip

ca=/run/secrets/ca
if [ -s "$ca" ]; then
    export SSL_CERT_FILE="$ca" REQUESTS_CA_BUNDLE="$ca" PIP_CERT="$ca" CURL_CA_BUNDLE="$ca" GIT_SSL_CAINFO="$ca"
fi

netrc=/run/secrets/netrc
if [ -s "$netrc" ]; then
    export NETRC="$netrc"
    # git looks nowhere else.
    if [ ! -e "${HOME:=/root}/.netrc" ]; then
        ln -s "$netrc" "$HOME/.netrc"
        trap 'rm "$HOME/.netrc"' EXIT
    fi
fi

channels=/run/secrets/channels
if [ -s "$channels" ]; then
    export RATTLER_AUTH_FILE="$channels"
fi

known_hosts=/run/secrets/known_hosts
if [ -s "$known_hosts" ]; then
    export GIT_SSH_COMMAND="ssh -o UserKnownHostsFile=$known_hosts"
fi
