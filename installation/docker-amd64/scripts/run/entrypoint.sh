#!/bin/sh
# Starts a command in the container, as any user. Running it again is harmless: `cargo xtask exec` and `shell` start their
# commands through it too, in a container that it has already started.
set -eu

warn() {
    printf 'xtask: %s\n' "$*" >&2
}

# shellcheck source=user.sh
. /opt/xtask/user.sh

# conda's packages may set variables by scripts that need bash, so bash runs them and comes back here.
if [ -z "${XTASK_ACTIVATED-}" ]; then
    for script in "${CONDA_PREFIX:-/nowhere}"/etc/conda/activate.d/*.sh; do
        [ ! -e "$script" ] || exec /opt/xtask/activate.sh "$0" "$@"
    done
fi

# shellcheck source=project.sh
. /opt/xtask/project.sh

# Whether this is the container's main command, and not one that is executed in it later.
is_main_command() {
    [ -z "${XTASK_ENTERED-}" ] || return 1
    [ $$ != 1 ] || return 0
    # A process of `docker exec` has no parent in here.
    { read -r parent <"/proc/$PPID/comm"; } 2>/dev/null && [ "$parent" = tini ]
}

# Stops the container if the server does not start, so that nobody has to find out later.
start_server() {
    if [ ! -x "/opt/xtask/$1.sh" ]; then
        warn "this image has no $1"
        exit 1
    fi
    "/opt/xtask/$1.sh" </dev/null >&2
}

# Ends the container when its client is gone. The client holds a lock on this file; where the lock is not visible here, as
# with a daemon on another machine, the client would look gone, so nothing is watched.
watch_lease() {
    lease=/run/xtask/lease
    [ -e "$lease" ] && command -v flock >/dev/null && command -v setsid >/dev/null || return 0
    code=0
    flock --nonblock --conflict-exit-code 75 "$lease" true 2>/dev/null || code=$?
    [ "$code" = 75 ] || return 0
    # In a subshell, so that the command does not inherit a child that it has not started.
    (setsid /opt/xtask/lease.sh "$lease" </dev/null >/dev/null 2>&1 &)
}

if is_main_command; then
    [ "${SSH_SERVER-}" != 1 ] || start_server ssh-server
    [ "${JUPYTER_SERVER-}" != 1 ] || start_server jupyter-server
    watch_lease
    # Shows that the container is ready. A container in which it cannot be written is not waited for.
    true 2>/dev/null >/dev/shm/.xtask-ready || true
fi

export XTASK_ENTERED=1
exec "$@"
