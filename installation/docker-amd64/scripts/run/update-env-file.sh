#!/bin/sh
# Writes what is installed in this container into the files of `dependencies/`: update_env_file [OPTION…]
#
# The options are those of `cargo xtask freeze`. The program is that of the mounted repository, which the machine outside
# has built: there may be none yet, or one that needs a newer C library than there is here.
set -eu

root=${PROJECT_ROOT:-/opt/project}
xtask=$root/target/debug/xtask

if "$xtask" --version >/dev/null 2>&1; then
    cd "$root"
    exec "$xtask" freeze --from here "$@"
fi
# shellcheck disable=SC2016  # It is for people to type.
printf 'xtask: `%s` is not there or does not run in this container; outside, while it runs, do: cargo xtask freeze%s\n' \
    "$xtask" "${*:+ $*}" >&2
exit 1
