#!/bin/sh
# Lets group 0, which the dev container runs in, install into /opt/env. It must run in the step that creates the files, because a
# changed mode would store a file of an earlier layer again.
set -eu
find /opt/env ! -type l \
    \( -perm -u=r ! -perm -g=r -o -perm -u=w ! -perm -g=w -o -perm -u=x ! -perm -g=x \) -exec chmod g=u {} +
