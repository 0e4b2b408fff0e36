#!/bin/sh
# Lets group 0, which containers run in, install into /opt/env. To be run in the step that has made the files: changing
# the mode of a file of an earlier layer would store it again.
set -eu
find /opt/env ! -type l \
    \( -perm -u=r ! -perm -g=r -o -perm -u=w ! -perm -g=w -o -perm -u=x ! -perm -g=x \) -exec chmod g=u {} +
