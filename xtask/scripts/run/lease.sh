#!/bin/sh
# Ends what a client has started when the client is gone, which held a lock on a file as long as it lived.
#
#   lease.sh FILE                    the container
#   lease.sh FILE PROCESS SIGNAL     the process group that a process leads
set -eu
lease=$1

# Whether another process has the lock.
is_held() {
    code=0
    flock --nonblock --conflict-exit-code 75 "$lease" true || code=$?
    [ "$code" = 75 ]
}

# Whether the file is the client's own, seen by the same kernel, so that a lock of the client could be seen here. Its first
# line is BOOT DEVICE:INODE.
is_clients_own() {
    { read -r boot file <"$lease"; } || return 1
    read -r here </proc/sys/kernel/random/boot_id || return 1
    [ "$boot" = "$here" ] && [ "$file" = "$(stat --format=%d:%i "$lease")" ]
}

# Sets `started`: when a process was, in ticks since the boot. It is the 22nd field of its status, and the 20th behind its name.
look_up_start() {
    started=
    { read -r status <"/proc/$1/stat"; } 2>/dev/null || return 0
    # shellcheck disable=SC2086
    set -- ${status##*) }
    shift 19
    started=$1
}

since=
if [ $# != 1 ]; then
    look_up_start "$2"
    since=$started
fi
if is_held; then
    flock "$lease" true
else
    # A lock that is free was given up by a client that is gone already, or is not to be seen from here.
    is_clients_own || exit 0
fi

if [ $# = 1 ]; then
    # tini passes the signal on to the command.
    kill -s TERM 1
    sleep 5
    # Everything except this script and tini, which ends with its child.
    kill -s KILL -- -1
fi

# A command that has ended by itself may have left others behind, which are to go on.
look_up_start "$2"
[ -n "$since" ] && [ "$started" = "$since" ] || exit 0
kill -s "$3" -- "-$2"
for _ in 1 2 3 4 5; do
    sleep 1
    kill -s 0 -- "-$2" || exit 0
done
kill -s KILL -- "-$2"
