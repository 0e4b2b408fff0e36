#!/bin/sh
# Prepares an image for any user id: any-user.sh HOME
set -eu
home=$1

# For the dev image, whose dev-tools.sh lets group 0 add names to these files. extrausers comes last in nsswitch.conf, because
# libnss-extrausers 0.6 answers a question for id 0 with its first line, which would give root another name.
for file in passwd group shadow; do
    install --mode=0644 /dev/null "/var/lib/extrausers/$file"
done
chmod 0640 /var/lib/extrausers/shadow
touch /etc/nsswitch.conf
for database in passwd group shadow; do
    grep --quiet "^$database:" /etc/nsswitch.conf || echo "$database: files" >>/etc/nsswitch.conf
done
sed --in-place --regexp-extended '/^(passwd|group|shadow):/s/$/ extrausers/' /etc/nsswitch.conf

# A user of the base image, such as Ubuntu's `ubuntu`, would give its name to a caller with the same id.
awk -F: '$3 >= 1000 && $3 < 60000 { print $1 }' /etc/passwd | while IFS= read -r name; do
    userdel "$name"
done

# Anybody may use the home directory, because the image does not belong to one user. A volume gets the mode of the directory
# that it is mounted over.
install --directory --mode=1777 "$home" "$home/.cache" "$home/.config"
