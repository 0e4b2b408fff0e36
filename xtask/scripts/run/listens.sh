#!/bin/sh
# Whether a process in this container listens on a TCP port: listens.sh PORT
#
# The kernel lists local addresses as ADDRESS:PORT in hexadecimal; 0A is the state "listen" (proc(5), /proc/net/tcp).
grep -qsE "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$1") [0-9A-F:]+ 0A " /proc/net/tcp /proc/net/tcp6
