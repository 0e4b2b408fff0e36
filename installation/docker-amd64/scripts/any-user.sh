#!/bin/sh
# Prepares an image for users that it does not know: any-user.sh HOME
set -eu
home=$1

# entrypoint.sh writes names here, as a member of group 0. They go last: libnss-extrausers 0.6 answers with the first
# line that it has when it is asked for number 0, so that root would have another's name.
for file in passwd group shadow; do
    install --mode=0664 /dev/null "/var/lib/extrausers/$file"
done
chmod 0660 /var/lib/extrausers/shadow
touch /etc/nsswitch.conf
for database in passwd group shadow; do
    grep --quiet "^$database:" /etc/nsswitch.conf || echo "$database: files" >>/etc/nsswitch.conf
done
sed --in-place --regexp-extended '/^(passwd|group|shadow):/s/$/ extrausers/' /etc/nsswitch.conf

# A person of the base image, such as Ubuntu's `ubuntu`, has no say in what the caller with the same number is called.
awk -F: '$3 >= 1000 && $3 < 60000 { print $1 }' /etc/passwd | while IFS= read -r name; do
    userdel "$name"
done

# The home directory is anybody's, because the image is nobody's. Volumes get the mode of what they are mounted over.
install --directory --mode=1777 "$home" "$home/.cache" "$home/.config"
