#!/bin/sh
# Configures the tools of the dev image: dev-tools.sh SOLVER
set -eu

# Members of group 0 may become root. Whoever starts a container could start it as root anyway.
rule=$(mktemp)
cat >"$rule" <<'END'
Defaults env_keep += "HTTP_PROXY HTTPS_PROXY FTP_PROXY NO_PROXY ALL_PROXY"
Defaults env_keep += "http_proxy https_proxy ftp_proxy no_proxy all_proxy"
Defaults env_keep += "SSL_CERT_FILE REQUESTS_CA_BUNDLE"
%#0 ALL=(ALL:ALL) NOPASSWD: ALL
END
visudo --check --quiet --file="$rule"
install --mode=0440 "$rule" /etc/sudoers.d/group-0
rm "$rule"

# entrypoint.sh adds names to these files, which sudo and sshd read. Members of group 0 gain nothing by them that sudo does not
# give them.
chmod g+w /var/lib/extrausers/passwd /var/lib/extrausers/group /var/lib/extrausers/shadow

# git refuses a repository that belongs to another user, as the mounted one may.
! command -v git >/dev/null || git config --system --add safe.directory '*'

# Packages of conda's may be installed by hand where conda has made the environment.
[ "$1" != conda ] || ln --symbolic --force /opt/xtask/conda.sh /usr/local/bin/conda

# The command that freezes from inside the container.
ln --symbolic --force /opt/xtask/update-env-file.sh /usr/local/bin/update_env_file
