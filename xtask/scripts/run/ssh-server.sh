#!/bin/sh
# Starts an SSH server in the background, as the container's user, and returns when it accepts connections.
#
# /home/user/.xtask-ssh is mounted. It contains authorized_keys, the keys that may log in. This script adds the host key, so
# that it outlives the container, and `login`, the user name to log in with.
set -eu

shared=/home/user/.xtask-ssh
# In memory and gone with the container, because its variables may contain secrets.
state=/dev/shm/xtask-ssh
port=2222

fail() {
    echo "ssh-server: $1" >&2
    exit 1
}

[ -x /usr/sbin/sshd ] || fail 'this image has no openssh-server; the dev image has it'
[ -w "$shared" ] || fail "$shared is not mounted, or user $(id -u) cannot write to it"
login=$(id -un 2>/dev/null) || fail "user $(id -u) has no name in this container, which sshd requires"

# Restored below, because the sessions inherit it.
mask=$(umask)
umask 077
key=$shared/ssh_host_ed25519_key
[ -s "$key" ] || ssh-keygen -q -t ed25519 -N '' -C '' -f "$key"
printf '%s\n' "$login" >"$shared/login"

rm -rf "$state"
mkdir "$state"
env -0 >"$state/environment"
# As root, sshd separates privileges, for which it needs this empty directory.
[ "$(id -u)" -ne 0 ] || install -d -m 0755 /run/sshd

# StrictModes would refuse the home directory, because every user may write to it.
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
AuthorizedKeysFile $shared/authorized_keys
StrictModes no
X11Forwarding no
PrintMotd no
PrintLastLog no
Subsystem sftp /usr/lib/openssh/sftp-server
ForceCommand exec /opt/xtask/ssh-session.sh $state/environment
END
/usr/sbin/sshd -t -f "$state/config" || fail 'sshd rejects its configuration or keys; its output is above'
umask "$mask"

# In a session of its own, so that Ctrl-C for the command does not end it. Its output goes to the container's log.
setsid /usr/sbin/sshd -D -e -f "$state/config" </dev/null >&2 &
server=$!
until /opt/xtask/listens.sh "$port"; do
    kill -0 "$server" 2>/dev/null || fail "sshd exited before it accepted connections on port $port; its output is above"
    sleep 0.05
done
