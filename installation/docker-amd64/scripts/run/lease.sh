#!/bin/sh
# Ends the container when nobody holds the lock on a file any more: lease.sh FILE
#
# The client that held it is gone then.
set -eu
flock "$1" true
# tini passes it on to the command.
kill -TERM 1
sleep 5
# All but this and tini, which ends with its child.
kill -KILL -1
