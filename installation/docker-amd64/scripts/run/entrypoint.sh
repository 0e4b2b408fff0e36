#!/bin/sh
# Starts a command in the container, for whatever user it runs as. Running it again is harmless: `cargo xtask exec` and
# `shell` start their commands through it as well, in a container that it has started before.
set -eu

warn() {
    printf 'xtask: %s\n' "$*" >&2
}

# shellcheck source=user.sh
. /opt/xtask/user.sh

# conda's packages may want variables of their own. Their scripts may need bash, so it runs them and comes back here.
if [ -z "${XTASK_ACTIVATED-}" ]; then
    for script in "${CONDA_PREFIX:-/nowhere}"/etc/conda/activate.d/*.sh; do
        [ ! -e "$script" ] || exec /opt/xtask/activate.sh "$0" "$@"
    done
fi

# shellcheck source=project.sh
. /opt/xtask/project.sh

# Whether this is what the container was made for, and not one of the commands that come later.
is_first() {
    [ -z "${XTASK_ENTERED-}" ] || return 1
    [ $$ != 1 ] || return 0
    # A process that comes from `docker exec` has no parent here.
    { read -r parent <"/proc/$PPID/comm"; } 2>/dev/null && [ "$parent" = tini ]
}

# Whoever asked for a server and gets none should not have to find out later.
start_server() {
    if [ ! -x "/opt/xtask/$1.sh" ]; then
        warn "this image has no $1"
        exit 1
    fi
    "/opt/xtask/$1.sh" </dev/null >&2
}

# The client holds a lock on this file. A kernel that does not show it here, such as that of another machine, would make
# the client look gone.
watch_lease() {
    lease=/run/xtask/lease
    [ -e "$lease" ] && command -v flock >/dev/null && command -v setsid >/dev/null || return 0
    code=0
    flock --nonblock --conflict-exit-code 75 "$lease" true 2>/dev/null || code=$?
    [ "$code" = 75 ] || return 0
    # The command should not find a child that it has not started.
    (setsid /opt/xtask/lease.sh "$lease" </dev/null >/dev/null 2>&1 &)
}

if is_first; then
    [ "${SSH_SERVER-}" != 1 ] || start_server ssh-server
    [ "${JUPYTER_SERVER-}" != 1 ] || start_server jupyter-server
    watch_lease
    # Tells that the container is ready. Nobody needs it where it cannot be written.
    true 2>/dev/null >/dev/shm/.xtask-ready || true
fi

export XTASK_ENTERED=1
exec "$@"
