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

# Sets `killed`: how many processes of this container the kernel has killed because memory ran out; nothing where it does not
# tell. The second file is the one of cgroup version 1.
count_killed() {
    killed=
    for counters in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
        [ -r "$counters" ] || continue
        while read -r counter number; do
            [ "$counter" != oom_kill ] || killed=$number
        done <"$counters"
    done
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

entered=${XTASK_ENTERED-}
export XTASK_ENTERED=1
count_killed
# What comes through here again is watched already.
[ -n "$killed" ] && [ -z "$entered" ] || exec "$@"

# Nobody but this process is left to say why a command was killed, so it waits, and is silent about all else. Signals go to the
# whole process group: the command decides what they mean.
trap : HUP INT QUIT USR1 USR2 ALRM TERM
exec 9>&2 2>/dev/null
before=$killed code=0
(exec "$@") 2>&9 9>&- || code=$?
exec 2>&9
count_killed
if [ "$code" != 0 ] && [ "$killed" != "$before" ]; then
    warn "memory ran out, and the kernel killed a process of this container; its limit is MEMORY_LIMIT in .env, or what the" \
        "machine has"
fi
exit "$code"
