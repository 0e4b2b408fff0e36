#!/bin/bash
# Runs the scripts by which conda's packages set variables, then a command: activate.sh COMMAND…
#
# As forgiving as `conda run`: they were written for a person's shell, and what they print is not the command's output.
export XTASK_ACTIVATED=1
command=("$@")
set --
for script in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do
    # shellcheck source=/dev/null
    . "$script" </dev/null >&2 || printf 'xtask: %s failed\n' "$script" >&2
    set +eu
done
exec "${command[@]}"
