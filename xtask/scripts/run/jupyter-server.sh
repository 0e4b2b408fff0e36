#!/bin/sh
# Starts JupyterLab in the background, and returns when it accepts connections.
#
# /home/user/.xtask-jupyter is mounted, and contains the token for logging in.
set -eu

token=/home/user/.xtask-jupyter/token
port=8888

fail() {
    echo "jupyter-server: $1" >&2
    exit 1
}

command -v jupyter-lab >/dev/null ||
    fail 'JupyterLab is not in the environment: add "- jupyterlab" to the "pip:" list in dependencies/environment.yml and build again'
[ -s "$token" ] || fail "$token is missing, or user $(id -u) cannot read it"
[ "$(id -u)" -ne 0 ] || set -- --allow-root

# Its settings and window layout outlive the container, because ~/.config is mounted. It runs in a session of its own, so that
# Ctrl-C for the command does not end it. Its output goes to the container's log.
JUPYTER_TOKEN_FILE=$token JUPYTER_CONFIG_DIR=${JUPYTER_CONFIG_DIR:-$HOME/.config/jupyter} \
    setsid jupyter-lab --ip=0.0.0.0 --port="$port" --ServerApp.port_retries=0 --no-browser \
    --ServerApp.root_dir="${PROJECT_ROOT:-$PWD}" "$@" </dev/null >&2 &
server=$!
until /opt/xtask/listens.sh "$port"; do
    kill -0 "$server" 2>/dev/null || fail "JupyterLab exited before it accepted connections on port $port; its output is above"
    sleep 0.1
done
