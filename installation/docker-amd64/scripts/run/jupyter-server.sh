#!/bin/sh
# Starts JupyterLab in the background, and returns when it listens.
#
# /home/user/.xtask-jupyter is mounted, and holds the token that it asks for.
set -eu

token=/home/user/.xtask-jupyter/token
port=8888

fail() {
    echo "jupyter-server: $1" >&2
    exit 1
}

command -v jupyter-lab >/dev/null ||
    fail 'JupyterLab is not in the environment: add "- jupyterlab" to the "pip:" list in dependencies/environment.yml and build again'
[ -s "$token" ] || fail "$token is not there, or not readable for user $(id -u)"
[ "$(id -u)" -ne 0 ] || set -- --allow-root

# Its settings and the layout of its windows stay, because ~/.config is mounted. Out of the command's session, so that
# Ctrl-C there does not end it. What it has to say goes to the container's log.
JUPYTER_TOKEN_FILE=$token JUPYTER_CONFIG_DIR=${JUPYTER_CONFIG_DIR:-$HOME/.config/jupyter} \
    setsid jupyter-lab --ip=0.0.0.0 --port="$port" --ServerApp.port_retries=0 --no-browser \
    --ServerApp.root_dir="${PROJECT_ROOT:-$PWD}" "$@" </dev/null >&2 &
server=$!
until /opt/xtask/listens.sh "$port"; do
    kill -0 "$server" 2>/dev/null || fail "JupyterLab ended before it listened on port $port, see above"
    sleep 0.1
done
