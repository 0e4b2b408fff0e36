#!/bin/bash
# Runs the activation scripts of conda's packages, which set variables, then a command: activate.sh COMMAND…
#
# Like `conda run`, it ignores their errors, because they were written for interactive shells. Their output goes to stderr,
# because it is not the command's.
export XTASK_ACTIVATED=1
command=("$@")
set --
for script in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do
    # shellcheck source=/dev/null
    . "$script" </dev/null >&2 || printf 'xtask: %s failed\n' "$script" >&2
    set +eu
done
exec "${command[@]}"
