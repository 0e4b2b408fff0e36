#!/bin/sh
# Runs a command of a job, the same on every engine, and writes what became of it: job.sh COMMAND…
#
# It is in the image, and works from any other place too. It needs nothing but a POSIX shell, awk and coreutils. What it is told
# is in variables, which xtask/crates/jobs/src/shim.rs describes; the command sees none of them. It sees JOB_INDEX, JOB_COUNT,
# JOB_TRY, NODE_RANK, NODE_COUNT, TASK_RANK, TASK_COUNT, MASTER_ADDR and MASTER_PORT.
#
# It ends as the command does; with 125 where it could not start it.
set -eu

fail() {
    printf 'xtask: %s\n' "$*" >&2
    [ -z "$folder" ] || replace rc 125 || true
    exit 125
}

# Where the engine does not say that it does, a node runs a command on itself instead of in the image.
require_image() {
    [ -n "${XTASK_JOB_IMAGE-}" ] || return 0
    [ -d "$in_image" ] ||
        fail "the job runs on ${host} itself, and not in its image: the engine has ignored the request for a container" \
            "(Slurm does so where oci.conf is missing on a node)"
    [ "${XTASK_IMAGE-}" = "$XTASK_JOB_IMAGE" ] ||
        fail "the job runs in another image than it was submitted with (inputs ${XTASK_IMAGE:-unknown} instead of" \
            "$XTASK_JOB_IMAGE)"
}

# The first host of Slurm's list, such as `n1` or `gpu[03-05,9],n1`.
first_host() {
    hosts=${1%%,*}
    case $hosts in
        *\[*)
            number=${hosts#*\[}
            printf '%s%s\n' "${hosts%%\[*}" "${number%%[!0-9]*}"
            ;;
        *) printf '%s\n' "$hosts" ;;
    esac
}

# The number at the end of a host's name, as Kubernetes and its like give one to each of several.
host_number() {
    number=${host%%.*}
    number=${number##*-}
    case $number in
        '' | *[!0-9]*) echo 0 ;;
        *) echo "$number" ;;
    esac
}

# Which part of the job this is. Every engine has its own words for it.
find_place() {
    NODE_COUNT=${XTASK_JOB_NODES:-${SLURM_NNODES:-1}}
    TASK_COUNT=${SLURM_NTASKS:-$NODE_COUNT}
    JOB_COUNT=${XTASK_JOB_COUNT:-1}
    JOB_INDEX=0
    if [ -n "${SLURM_JOB_ID-}" ]; then
        NODE_RANK=${SLURM_NODEID:-0}
        TASK_RANK=${SLURM_PROCID:-0}
        JOB_INDEX=${SLURM_ARRAY_TASK_ID:-0}
        MASTER_ADDR=${MASTER_ADDR:-$(first_host "${SLURM_JOB_NODELIST:-$host}")}
        # The nodes of two jobs may be the same.
        MASTER_PORT=${MASTER_PORT:-$((20000 + SLURM_JOB_ID % 10000))}
    else
        place=${JOB_COMPLETION_INDEX:-${RANK:-}}
        [ -n "$place" ] || [ "$NODE_COUNT$JOB_COUNT" = 11 ] || place=$(host_number)
        NODE_RANK=$((${place:-0} % NODE_COUNT))
        TASK_RANK=$NODE_RANK
        [ -z "${XTASK_JOB_COUNT-}" ] || JOB_INDEX=$((${place:-0} / NODE_COUNT))
    fi
    JOB_INDEX=$((JOB_INDEX + ${XTASK_JOB_FIRST:-0}))
    MASTER_ADDR=${MASTER_ADDR:-$host}
    MASTER_PORT=${MASTER_PORT:-29500}
    export NODE_COUNT NODE_RANK TASK_COUNT TASK_RANK JOB_COUNT JOB_INDEX MASTER_ADDR MASTER_PORT
}

# Sets `folder`, where this part of the job keeps what it has to say, and JOB_TRY. What an earlier try has left makes room.
open_folder() {
    JOB_TRY=1
    export JOB_TRY
    folder=${XTASK_JOB_FOLDER-}
    [ -n "$folder" ] || return 0
    [ -z "${XTASK_JOB_COUNT-}" ] || folder=$folder/$JOB_INDEX
    [ "$NODE_COUNT" = 1 ] || folder=$folder/node-$NODE_RANK
    [ "$TASK_COUNT" = "$NODE_COUNT" ] || folder=$folder/task-$TASK_RANK
    mkdir -p "$folder" || fail "cannot write to $folder, the folder of this run"
    if [ -e "$folder/try" ]; then
        read -r JOB_TRY <"$folder/try"
        [ ! -e "$folder/receipt.json" ] || mv "$folder/receipt.json" "$folder/receipt-$JOB_TRY.json"
        JOB_TRY=$((JOB_TRY + 1))
    fi
    rm -f "$folder/rc" "$folder/reason"
    replace try "$JOB_TRY"
}

# Writes a line to a file of the folder: whoever reads it finds the old line or the new one.
replace() {
    printf '%s\n' "$2" >"$folder/.$1" && mv "$folder/.$1" "$folder/$1"
}

# Puts the code where the project is, on nodes that share no folder with whoever has submitted.
unpack_code() {
    [ -n "${XTASK_JOB_CODE-}" ] || return 0
    root=${PROJECT_ROOT:-/opt/project}
    # Parts of a job may share the place, and each needs it whole.
    { mkdir -p "$root" && tar -xzf "$XTASK_JOB_CODE" -C "$root"; } || fail "cannot unpack the code to $root"
    cd "${PROJECT_DIR:-$root/python-project}" || fail "the code has no ${PROJECT_DIR:-$root/python-project}"
}

# Reads each secret from its file into its variable: a line is NAME=FILE.
read_secrets() {
    while IFS='=' read -r name file; do
        [ -n "$name" ] || continue
        value=$(cat "$file" && echo .) || fail "cannot read the file of the secret $name"
        value=${value%.}
        # An editor ends a file with a line feed.
        export "$name=${value%
}"
    done <<END
${XTASK_JOB_SECRETS-}
END
}

# Prints the words of this part of an array, one in a line, as printf's %b reads them.
words_of_part() {
    [ -n "${XTASK_JOB_ARGUMENTS-}" ] || return 0
    [ -r "$XTASK_JOB_ARGUMENTS" ] || fail "cannot read $XTASK_JOB_ARGUMENTS, which has the values of the sweep"
    sed -n "$((JOB_INDEX + 1)){s/ /\\
/g;p;q;}" "$XTASK_JOB_ARGUMENTS"
}

# JSON strings of words, with commas between them.
json() {
    LC_ALL=C awk 'BEGIN {
        for (code = 1; code < 32; code++) escaped[sprintf("%c", code)] = sprintf("\\u%04x", code)
        escaped["\""] = "\\\""
        escaped["\\"] = "\\\\"
        for (word = 1; word < ARGC; word++) {
            printf "%s\"", (word > 1 ? ", " : "")
            for (place = 1; place <= length(ARGV[word]); place++) {
                character = substr(ARGV[word], place, 1)
                printf "%s", (character in escaped ? escaped[character] : character)
            }
            printf "\""
        }
    }' "$@"
}

# The names of the variables that the command has, and never their values.
variable_names() {
    # shellcheck disable=SC2046  # Names have no blanks.
    json $(LC_ALL=C awk 'BEGIN { for (name in ENVIRON) if (name ~ /^[A-Za-z_][A-Za-z0-9_]*$/) print name }' | LC_ALL=C sort)
}

# The most memory that the container or the engine's step has had, in bytes, where the kernel tells.
peak_memory() {
    group=$(sed -n 's/^0:://p' /proc/self/cgroup 2>/dev/null) || group=
    for file in "/sys/fs/cgroup$group/memory.peak" /sys/fs/cgroup/memory.peak \
        /sys/fs/cgroup/memory/memory.max_usage_in_bytes; do
        if [ -r "$file" ] && read -r bytes <"$file"; then
            echo "$bytes"
            return 0
        fi
    done
    echo null
}

# `NAME, DRIVER` of each GPU.
gpus() {
    command -v nvidia-smi >/dev/null || return 0
    found=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null) || return 0
    IFS='
'
    set -f
    # shellcheck disable=SC2086  # A line is a word.
    json $found
}

now() {
    date -u +%Y-%m-%dT%H:%M:%SZ
}

# Writes the receipt: what was known when the job was submitted, and then how this part of it went.
write_receipt() {
    [ -n "$statement" ] || return 0
    {
        cat "$statement"
        printf '{"argv":[%s],"environment":[%s],' "$argv" "$variables"
        printf '"host":%s,"system":%s,"gpus":[%s],' "$(json "$host")" "$(json "$(uname -srm)")" "$(gpus)"
        printf '"index":%s,"count":%s,"node":%s,"nodes":%s,"attempt":%s,' \
            "$JOB_INDEX" "$JOB_COUNT" "$NODE_RANK" "$NODE_COUNT" "$JOB_TRY"
        printf '"startedOn":"%s","finishedOn":"%s","exitCode":%s,"peakMemory":%s}}}\n' \
            "$started" "$(now)" "$code" "$(peak_memory)"
    } >"$folder/.receipt.json" && mv "$folder/.receipt.json" "$folder/receipt.json"
}

# Sends a signal to all that the command has started, or, where it has no group of its own, to the command.
tell() {
    { [ -n "$has_group" ] && kill -s "$1" -- "-$child"; } 2>/dev/null || kill -s "$1" "$child" 2>/dev/null || true
}

# Passes a signal on. A second request to end is the same request: Slurm repeats it. Where the engine tells every process by
# itself, the command knows already.
# shellcheck disable=SC2329  # The traps call it.
pass_on() {
    caught=$1
    case $1 in
        HUP | INT | TERM)
            [ -z "$ending" ] || return 0
            ending=$1
            ;;
    esac
    # One that comes before there is anybody to tell is passed on once there is.
    [ -n "$child" ] || return 0
    [ "$told" = all ] || tell "$1"
    [ -z "$ending" ] || start_grace
}

# Has the command killed if it has not ended in time.
start_grace() {
    [ -n "$grace" ] || return 0
    end_after_grace &
    killer=$!
}

# A process in the background that outlives no command: its streams lead nowhere, it ignores what asks the command to end, and it
# never sleeps for longer than a second, so that a container that waits for all of them ends when the command does.
become_background() {
    exec </dev/null >/dev/null 2>&1
    trap '' HUP INT QUIT TERM USR1 USR2
}

end_after_grace() {
    become_background
    left=$grace
    while [ "$left" -gt 0 ]; do
        sleep 1
        left=$((left - 1))
    done
    tell KILL
}

# Shows every half minute that the job lives, and keeps to its time.
watch() {
    become_background
    begun=$(date +%s) beat=0 warned=''
    while :; do
        second=$(date +%s)
        if [ -n "$folder" ] && [ $((second - beat)) -ge 30 ]; then
            beat=$second
            replace heartbeat "$second $host" || true
        fi
        passed=$((second - begun))
        if [ -n "$warning" ] && [ -z "$warned" ] && [ "$passed" -ge $((time - ${warning#* })) ]; then
            warned=1
            tell "${warning% *}"
        fi
        if [ -n "$time" ] && [ "$passed" -ge "$time" ]; then
            [ -z "$folder" ] || replace reason 'the time limit' || true
            tell TERM
            grace=${grace:-30}
            end_after_grace
            return
        fi
        sleep 1
    done
}

# Ends processes in the background without a word from the shell.
put_away() {
    for process; do
        { kill -s KILL "$process" && wait "$process"; } 2>/dev/null || true
    done
}

in_image=/opt/xtask
host=$(uname -n)
folder=''
require_image
find_place
open_folder
unpack_code
read_secrets

words=$(words_of_part)
while IFS= read -r word; do
    [ -n "$word" ] || continue
    # The character at the end keeps the line feeds before it.
    word=$(printf '%b.' "${word#=}")
    set -- "$@" "${word%.}"
done <<END
$words
END
[ $# != 0 ] || fail 'no command was given'

statement=${XTASK_JOB_STATEMENT-} told=${XTASK_JOB_SIGNALLED-} grace=${XTASK_JOB_GRACE-} time=${XTASK_JOB_TIME-}
warning=${XTASK_JOB_WARNING-}
unset XTASK_JOB_IMAGE XTASK_JOB_NODES XTASK_JOB_COUNT XTASK_JOB_FIRST XTASK_JOB_FOLDER XTASK_JOB_CODE XTASK_JOB_SECRETS \
    XTASK_JOB_ARGUMENTS XTASK_JOB_STATEMENT XTASK_JOB_SIGNALLED XTASK_JOB_GRACE XTASK_JOB_TIME XTASK_JOB_WARNING
# The image's entrypoint is not a part of what somebody has asked for.
argv=$([ "$1" != /opt/entrypoint.sh ] || shift && json "$@") variables=$(variable_names)

# In a group of its own, the command hears of a signal through this process alone. A shell has Ctrl-C ignored by what it starts in
# the background.
has_group=''
if command -v setsid >/dev/null; then
    has_group=1
    set -- setsid -- "$@"
    ! env --default-signal=INT,QUIT true 2>/dev/null || set -- env --default-signal=INT,QUIT "$@"
fi

ending='' child='' killer=''
for signal in HUP INT TERM USR1 USR2; do
    # shellcheck disable=SC2064  # Each trap has a signal of its own.
    trap "pass_on $signal" "$signal"
done
started=$(now)
# A shell gives what is in the background another stdin.
exec 3<&0
"$@" <&3 3<&- &
child=$!
exec 3<&-
if [ -n "$ending" ]; then
    [ "$told" = all ] || tell "$ending"
    start_grace
fi
watch &
watcher=$!

code=''
while :; do
    caught='' last=$code code=0
    wait "$child" || code=$?
    # A signal ends the waiting, and not the command. One that has been waited for already is unknown.
    [ "$code" != 127 ] || [ -z "$last" ] || code=$last
    [ -n "$caught" ] || break
done

put_away "$watcher" ${killer:+"$killer"}
if [ -n "$folder" ]; then
    rm -f "$folder/.heartbeat"
    write_receipt || printf 'xtask: the receipt was not written to %s\n' "$folder" >&2
    replace rc "$code" || printf 'xtask: the exit code was not written to %s\n' "$folder" >&2
fi
exit "$code"
