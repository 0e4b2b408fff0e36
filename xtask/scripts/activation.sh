#!/bin/sh
# Writes what conda's activation scripts set, each variable as NAME=value before a null character: activation.sh FILE
#
# Without PATH, which the dev image extends itself, and without what shells set.
set -eu
export LC_ALL=C

mkdir "$(dirname "$1")"
env -0 | sort -z >/tmp/before
/scripts/activate.sh env -0 >/tmp/activated
sort -z /tmp/activated | comm -z -13 /tmp/before - >/tmp/changed
grep -zvE '^(PATH|PWD|OLDPWD|SHLVL|_|XTASK_ACTIVATED)=' /tmp/changed >"$1" || true
rm /tmp/before /tmp/activated /tmp/changed
