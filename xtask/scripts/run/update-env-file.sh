#!/bin/sh
# Writes what is installed in this container to `dependencies/`, like `cargo xtask freeze`: update_env_file [OPTION…]
#
# It runs the program that the host has built in the mounted repository. There may be none yet, or it may need a newer C
# library than this container has.
set -eu

root=${PROJECT_ROOT:-/opt/project}
xtask=$root/target/debug/xtask

if "$xtask" --version >/dev/null 2>&1; then
    cd "$root"
    exec "$xtask" freeze --from here "$@"
fi
# shellcheck disable=SC2016  # The backquotes are part of the message.
printf 'xtask: `%s` is missing or does not run in this container; run this outside of it instead: cargo xtask freeze%s\n' \
    "$xtask" "${*:+ $*}" >&2
exit 1
