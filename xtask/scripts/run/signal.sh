#!/bin/sh
# Sends a signal to the process group of a command that has a lease: signal.sh FILE SIGNAL
#
# `docker exec` does not pass on the signals that it gets, so `cargo xtask exec` starts this. It ends with 3 if the command has
# not started yet.
set -eu
# shellcheck disable=SC2013  # These names have no blanks.
for arguments in $(grep --files-with-matches --no-messages --fixed-strings --text "$1" /proc/[0-9]*/cmdline); do
    # The process that watches the lease knows whom to end: /bin/sh lease.sh FILE PROCESS SIGNAL.
    process=$(tr '\0' '\n' <"$arguments" 2>/dev/null | sed --quiet '2{\|^/opt/xtask/lease\.sh$|!q}; 4p') || continue
    if [ -n "$process" ]; then
        # One that has ended meanwhile needs no signal.
        kill -s "$2" -- "-$process" 2>/dev/null || true
        exit 0
    fi
done
[ -e "$1" ] || exit 1
exit 3
