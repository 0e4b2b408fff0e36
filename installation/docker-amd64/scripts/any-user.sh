#!/bin/sh
# Prepares an image for users that it does not know: any-user.sh HOME
set -eu
home=$1

# entrypoint.sh writes names here, as a member of group 0. They go first: the base image may have somebody of that number.
for file in passwd group shadow; do
    install --mode=0664 /dev/null "/var/lib/extrausers/$file"
done
chmod 0660 /var/lib/extrausers/shadow
touch /etc/nsswitch.conf
for database in passwd group shadow; do
    grep --quiet "^$database:" /etc/nsswitch.conf || echo "$database: files" >>/etc/nsswitch.conf
done
sed --in-place --regexp-extended 's/^((passwd|group|shadow):[[:space:]]*)/\1extrausers /' /etc/nsswitch.conf

# The home directory is anybody's, because the image is nobody's. Volumes get the mode of what they are mounted over.
install --directory --mode=1777 "$home" "$home/.cache" "$home/.config"
