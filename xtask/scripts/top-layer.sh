#!/bin/sh
# Completes the layer that is on top of an image: top-layer.sh LAYER ETC DIRECTORY…
#
# LAYER stands for the root of the image. It gets the files that keep-changes.sh has kept in each DIRECTORY. ETC is /etc as the
# base image has it.
set -eu
layer=$1
etc=$2
shift 2

ln --symbolic xtask/entrypoint.sh "$layer/opt/entrypoint.sh"
# A step mounts a file over each of these. Where there is none, it would make one for that, and so change the time of /etc.
mkdir "$layer/etc"
for name in hosts resolv.conf; do
    [ -e "$etc/$name" ] || [ -L "$etc/$name" ] || : >"$layer/etc/$name"
done
[ ! -d /opt ] || chmod --reference=/opt "$layer/opt"
# Constant, as in keep-changes.sh, which has set the others.
find "$layer" -exec touch --no-dereference --date=@1577836800 {} +
for directory; do
    [ ! -e "$directory/files" ] || cp --archive "$directory/files/." "$layer"
done
