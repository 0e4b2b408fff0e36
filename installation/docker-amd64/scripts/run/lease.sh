#!/bin/sh
# Ends the container when the lock on a file is released, because its client is gone then: lease.sh FILE
set -eu
flock "$1" true
# tini passes the signal on to the command.
kill -TERM 1
sleep 5
# Everything except this script and tini, which ends with its child.
kill -KILL -1
