#!/bin/sh
# Prints the bytes that a registry gets for an image when it has another one: pushed.sh DIRECTORY BEFORE AFTER
#
# The registry is Debian's package docker-registry, on this machine alone. It ends with this script, or an hour later.
set -eu
directory=$1
before=$2
after=$3

command -v docker-registry >/dev/null || {
    echo "there is no program docker-registry; Debian's package docker-registry has it" >&2
    exit 1
}

free_port='import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
port=$(python3 -c "$free_port")
image=127.0.0.1:$port/bench
mkdir -p "$directory"
printf '%s\n' 'version: 0.1' 'log: {level: error}' \
    "storage: {filesystem: {rootdirectory: $directory/data}}" "http: {addr: '127.0.0.1:$port'}" >"$directory/config.yml"
timeout 3600 docker-registry serve "$directory/config.yml" >/dev/null 2>&1 &
registry=$!
clean_up() {
    kill "$registry" 2>/dev/null || true
    docker image rm "$image:before" "$image:after" >/dev/null 2>&1 || true
    rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

answers='import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])))'
tries=0
until python3 -c "$answers" "$port" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 50 ]; then
        echo "the registry does not answer" >&2
        exit 1
    fi
    sleep 0.2
done

stored() {
    find "$directory/data/docker/registry/v2/blobs" -type f -name data -printf '%s\n' | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}
docker tag "$before" "$image:before"
docker push --quiet "$image:before" >/dev/null
first=$(stored)
docker tag "$after" "$image:after"
docker push --quiet "$image:after" >/dev/null
echo $(($(stored) - first))
