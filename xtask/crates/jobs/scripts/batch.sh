#!/bin/sh
# What Slurm starts for a job, and for each part of an array: batch.sh PATH RETRIES [MODULE…] -- COMMAND…
#
# It is the same for every job: values come as arguments and in the environment, so none of them is ever read as shell text. The
# command is srun, which Slurm's limits, signals and containers are about.
set -u

PATH=$1
retries=$2
export PATH
shift 2
while [ "$1" != -- ]; do
    # A function of the shell that a login defines.
    if ! command -v module >/dev/null 2>&1; then
        for script in "${LMOD_PKG:-/nowhere}/init/sh" "${MODULESHOME:-/nowhere}/init/sh" /etc/profile.d/lmod.sh \
            /etc/profile.d/modules.sh; do
            # shellcheck source=/dev/null
            [ ! -r "$script" ] || { . "$script" && break; }
        done
    fi
    module load "$1" || {
        echo "xtask: the module $1 cannot be loaded on $(uname -n)" >&2
        exit 125
    }
    shift
done
shift

# In words that scontrol reads.
part=$SLURM_JOB_ID
[ -z "${SLURM_ARRAY_TASK_ID-}" ] || part=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
folder=${XTASK_JOB_FOLDER:?}
[ -z "${XTASK_JOB_COUNT-}" ] || folder=$folder/${SLURM_ARRAY_TASK_ID:-0}

run_again() {
    echo "xtask: $part is queued again, because $1" >&2
    scontrol update "JobId=$part" Requeue=1 && scontrol requeue "$part"
}

# Whoever asks the job to end asks the command too. This shell waits for it, to have its exit code.
trap : HUP INT TERM USR1 USR2
"$@" &
child=$!
while :; do
    code=0
    wait "$child" || code=$?
    kill -s 0 "$child" 2>/dev/null || break
done

failures=0
[ ! -r "$folder/failures" ] || read -r failures <"$folder/failures"
if [ "$code" = 75 ]; then
    run_again 'it has kept a checkpoint' || exit "$code"
elif [ "$code" != 0 ] && [ "$code" -lt 125 ] && [ "$failures" -lt "$retries" ]; then
    mkdir -p "$folder" && echo $((failures + 1)) >"$folder/failures"
    run_again "it has failed with $code for the $((failures + 1)). time" || exit "$code"
fi
exit "$code"
