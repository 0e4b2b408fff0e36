#!/bin/sh
# Starts an SSH server in the background, as the user that the container runs as, and returns when it listens.
#
# /home/user/.xtask-ssh is mounted, and holds authorized_keys: who may come in. The host keys are kept there, so that they
# outlive the container, and `login`: the name to come in by.
set -eu

kept=/home/user/.xtask-ssh
# In memory, gone with the container: the variables of the container may hold secrets.
state=/dev/shm/xtask-ssh
port=2222

fail() {
    echo "ssh-server: $1" >&2
    exit 1
}

[ -x /usr/sbin/sshd ] || fail 'there is no openssh-server in this image; the dev image has it'
[ -w "$kept" ] || fail "$kept is not mounted, or not writable for user $(id -u)"
login=$(id -un 2>/dev/null) || fail "user $(id -u) has no name here, and sshd accepts none without"

# Not for the sessions, which inherit it.
mask=$(umask)
umask 077
key=$kept/ssh_host_ed25519_key
[ -s "$key" ] || ssh-keygen -q -t ed25519 -N '' -C '' -f "$key"
printf '%s\n' "$login" >"$kept/login"

rm -rf "$state"
mkdir "$state"
env -0 >"$state/environment"
# Only root has to separate privileges, and then sshd wants this empty directory.
[ "$(id -u)" -ne 0 ] || install -d -m 0755 /run/sshd

# StrictModes would refuse the home directory, which is anybody's in an image that is nobody's.
cat >"$state/config" <<END
Port $port
ListenAddress 0.0.0.0
HostKey $key
PidFile none
UsePAM no
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AllowUsers $login
AuthorizedKeysFile $kept/authorized_keys
StrictModes no
X11Forwarding no
PrintMotd no
PrintLastLog no
Subsystem sftp /usr/lib/openssh/sftp-server
ForceCommand exec /opt/xtask/ssh-session.sh $state/environment
END
/usr/sbin/sshd -t -f "$state/config" || fail 'sshd refuses its configuration or keys, see above'
umask "$mask"

# Out of the command's session, so that Ctrl-C there does not end it. What it has to say goes to the container's log.
setsid /usr/sbin/sshd -D -e -f "$state/config" </dev/null >&2 &
server=$!
until /opt/xtask/listens.sh "$port"; do
    kill -0 "$server" 2>/dev/null || fail "sshd ended before it listened on port $port, see above"
    sleep 0.05
done
