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

# Has something end when its client is gone, which holds a lock on a file: watch_lease FILE [PROCESS SIGNAL]
watch_lease() {
    [ -e "$1" ] && command -v flock >/dev/null && command -v setsid >/dev/null || return 1
    # In a subshell, so that the command does not inherit a child that it has not started.
    (setsid /opt/xtask/lease.sh "$@" </dev/null >/dev/null 2>&1 &)
}

# Tells the client's successors that the container ends by itself. Where containers do not see the locks of the host, as with
# a daemon on another machine, the kernel is another one too.
accept_lease() {
    { read -r boot _ <"$1" && read -r here </proc/sys/kernel/random/boot_id; } 2>/dev/null || return 0
    [ "$boot" != "$here" ] || echo watched 2>/dev/null >>"$1" || true
}

if is_main_command; then
    [ "${SSH_SERVER-}" != 1 ] || start_server ssh-server
    [ "${JUPYTER_SERVER-}" != 1 ] || start_server jupyter-server
    ! watch_lease /run/xtask/lease || accept_lease /run/xtask/lease
    # Shows that the container is ready. A container in which it cannot be written is not waited for.
    true 2>/dev/null >/dev/shm/.xtask-ready || true
elif [ -n "${XTASK_LEASE-}" ]; then
    # A command of `docker exec`. A terminal that is gone hangs up.
    signal=TERM
    [ ! -t 0 ] || signal=HUP
    watch_lease "$XTASK_LEASE" $$ "$signal" || true
    unset XTASK_LEASE
fi

export XTASK_ENTERED=1
exec "$@"
