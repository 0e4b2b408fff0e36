# Sourced by the files of this folder that start daemons, after common.sh.
# shellcheck shell=bash

# dockerd and iptables are in sbin, which a root shell made by plain `su` does not search.
PATH=$PATH:/usr/sbin:/sbin

readonly POLL_SECONDS=0.2
readonly POLLS=300

# The limit is for a client that is pointed at a remote engine out of reach.
answers() {
    timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

describe() {
    local server client driver
    server=$(docker version --format '{{.Server.Version}}')
    client=$(docker version --format '{{.Client.Version}}')
    driver=$(docker info --format '{{.Driver}}')
    say "engine $server, client $client, storage driver $driver"
}

# The process of program $1 that wrote the file $2, if it is alive. The file may have outlived it, and its number may be
# another's by now.
own_pid() {
    local program=$1 file=$2 pid
    [[ -r $file ]] || return 1
    pid=$(<"$file")
    [[ -n $pid && $(cat "/proc/$pid/comm" 2>/dev/null) == "$program" ]] || return 1
    printf '%s\n' "$pid"
}

# Wait until the engine answers, whose process is $1 and whose log is $2.
await_engine() {
    local process=$1 log=$2 poll
    for ((poll = 0; poll < POLLS; poll++)); do
        if answers; then
            return 0
        fi
        [[ -d /proc/$process ]] || break
        sleep "$POLL_SECONDS"
    done
    tail -n 40 "$log" >&2
    kill "$process" 2>/dev/null || true
    die "dockerd did not come up; the end of $log is above"
}

# dockerd stops its containers and its containerd before it ends, so process $1 is waited for and never killed outright.
stop_process() {
    local process=$1 log=$2 poll
    kill "$process"
    for ((poll = 0; poll < POLLS; poll++)); do
        [[ -d /proc/$process ]] || return 0
        sleep "$POLL_SECONDS"
    done
    die "process $process is still there; its log is $log"
}
