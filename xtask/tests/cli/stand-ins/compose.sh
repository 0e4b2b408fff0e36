# shellcheck shell=sh
# `docker compose`, for tests: what compose 2.26 makes of the files in installation/docker-amd64, and what becomes of the
# containers in the note `containers`. The stand-in for docker reads this file; `$state` is there.

directory=. files=' ' variables=/dev/null override=/dev/null
while [ $# -gt 0 ]; do
    case $1 in
    --project-directory) directory=$2 ;;
    --profile) ;;
    --file)
        case $2 in
        */compose.variables.yaml) variables=$2 ;;
        */compose.override.yaml) override=$2 ;;
        esac
        files="$files${2##*/} "
        ;;
    *) break ;;
    esac
    shift 2
done

has() {
    case $files in
    *" compose.$1.yaml "*) ;;
    *) false ;;
    esac
}

# A variable of the environment goes before one of .env.
[ ! -e "$directory/.env" ] || while IFS= read -r line || [ -n "$line" ]; do
    line=${line#export }
    case $line in
    [A-Za-z_]*=*)
        eval "known=\${${line%%=*}+known}"
        [ -n "$known" ] || eval "$line"
        ;;
    esac
done <"$directory/.env"
project=${COMPOSE_PROJECT_NAME:-${PROJECT_NAME:?}}
image=${REGISTRY_HOSTNAME:+$REGISTRY_HOSTNAME/}${IMAGE_NAME:?}
extras=${XTASK_EXTRAS-}

# A JSON string; compose doubles dollars, so that it can read again what it has written.
json() {
    printf '%s' "$(replaced "$(quoted "$1")" '$' '$$')"
}

# What compose makes of a path: absolute, without `.` and `..`.
absolute() {
    path=$1 result=
    case $path in
    /*) ;;
    *) path=$directory/$path ;;
    esac
    while [ -n "$path" ]; do
        part=${path%%/*}
        case $path in
        */*) path=${path#*/} ;;
        *) path= ;;
        esac
        case $part in
        '' | .) ;;
        ..) result=${result%/*} ;;
        *) result=$result/$part ;;
        esac
    done
    printf '%s' "${result:-/}"
}

bytes() {
    case $1 in
    *gb) echo $((${1%gb} * 1073741824)) ;;
    *mb) echo $((${1%mb} * 1048576)) ;;
    *) echo "$1" ;;
    esac
}

# Lines of JSON, each with a comma behind it.
shells() {
    eval "value=\${$1-} known=\${$1+known}"
    if [ -n "$known" ]; then value=$(json "$value"); else value=null; fi
    printf '"%s": %s,\n' "$1" "$value"
}
texts() {
    while [ $# -gt 0 ]; do
        printf '"%s": %s,\n' "$1" "$(json "$2")"
        shift 2
    done
}
# The first `environment` in the file.
chosen() {
    inside=
    while IFS= read -r line; do
        case $inside$line in
        *'"environment": {') inside=yes ;;
        yes*' }' | yes*' },') break ;;
        yes*) printf '%s,\n' "${line%,}" ;;
        esac
    done <"$variables"
}
environment() {
    texts PROJECT_ROOT "${PROJECT_ROOT:?}" PROJECT_DIR "${PROJECT_DIR:?}" DATA_DIR "${DATA_DIR:?}" \
        OUTPUTS_DIR "${OUTPUTS_DIR:?}" WANDB_DIR "${WANDB_DIR:?}" WANDB_API_KEY "${WANDB_API_KEY-}"
    for name in HTTP_PROXY HTTPS_PROXY FTP_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy ftp_proxy all_proxy no_proxy; do
        shells "$name"
    done
    if has gpu; then
        texts NVIDIA_VISIBLE_DEVICES all NVIDIA_DRIVER_CAPABILITIES compute,utility
    else
        texts NVIDIA_VISIBLE_DEVICES void
    fi
    if has certificates; then
        for name in SSL_CERT_FILE REQUESTS_CA_BUNDLE PIP_CERT CURL_CA_BUNDLE GIT_SSL_CAINFO CONDA_SSL_VERIFY; do
            texts "$name" /run/host-ca-certificates.pem
        done
    fi
    if [ "$1" = dev ]; then
        ! has ssh || texts SSH_SERVER 1
        ! has jupyter || texts JUPYTER_SERVER 1
    fi
    chosen
}

# A bind mount as JSON, with a comma behind it.
bind() {
    printf '{"type": "bind", "source": %s, "target": %s, %s"bind": {}},\n' "$(json "$(absolute "$1")")" \
        "$(json "$2")" "${3-}"
}
volumes() {
    bind ../../target "$PROJECT_ROOT/target" '"read_only": true, '
    if [ "$1" = runtime ]; then
        bind .. "$PROJECT_ROOT/installation" '"read_only": true, '
        bind /dev/null "$PROJECT_ROOT/installation/docker-amd64/.env" '"read_only": true, '
    else
        bind ./.dev/work "$PROJECT_ROOT/target/xtask"
        bind .. "$PROJECT_ROOT/installation"
        bind . "$PROJECT_ROOT/installation/docker-amd64"
        bind ./.dev "$PROJECT_ROOT/installation/docker-amd64/.dev" '"read_only": true, '
        bind ./.dev/leases /run/xtask/leases '"read_only": true, '
        for name in cache config vscode-server cursor-server; do
            bind "./.dev/$name" "/home/user/.$name"
        done
        ! has ssh || bind ./.dev/ssh /home/user/.xtask-ssh
        ! has jupyter || bind ./.dev/jupyter /home/user/.xtask-jupyter
    fi
    ! has certificates || bind "${CA_CERTIFICATES:?}" /run/host-ca-certificates.pem '"read_only": true, '
    bind "${LOCAL_PROJECT_DIR:?}" "$PROJECT_ROOT"
    bind "${LOCAL_DATA_DIR:?}" "$DATA_DIR"
    bind "${LOCAL_OUTPUTS_DIR:?}" "$OUTPUTS_DIR"
    bind "${LOCAL_WANDB_DIR:?}" "$WANDB_DIR"
}
without_last_comma() {
    printf '%s' "${1%,}"
}

# The keys of a service in compose.override.yaml, from a line such as `  dev: {"init": true}`.
overriding() {
    while IFS= read -r line; do
        case $line in
        "  $1: {"*)
            line=${line#"  $1: {"}
            printf ', %s' "${line%\}}"
            ;;
        esac
    done <"$override"
}
rocm() {
    ! has rocm || echo "$1"
}
groups() {
    case $1:$(has rocm && echo rocm) in
    dev:) echo '"group_add": ["0"],' ;;
    dev:rocm) echo "\"group_add\": [\"0\", \"${VIDEO_GID-}\", \"${RENDER_GID-}\"]," ;;
    *:rocm) echo "\"group_add\": [\"${VIDEO_GID-}\", \"${RENDER_GID-}\"]," ;;
    esac
}
service() {
    cat <<END
"$1": {
"command": $([ "$1" = dev ] && echo '["sleep", "infinity"]' || echo null),
$([ "$1" = dev ] && echo '"healthcheck": {"test": ["CMD", "test", "-e", "/dev/shm/.xtask-ready"]},' || echo '"profiles": ["run"],')
"entrypoint": null,
$(! has gpu || echo '"deploy": {"resources": {"reservations": {"devices": [
{"capabilities": ["gpu"], "driver": "nvidia", "count": -1}]}}, "placement": {}},')
$(! { has gpu || has rocm; } || echo '"ulimits": {"memlock": -1, "stack": 67108864},')
$(rocm '"devices": [{"source": "/dev/kfd", "target": "/dev/kfd", "permissions": "rwm"},
{"source": "/dev/dri", "target": "/dev/dri", "permissions": "rwm"}],')
"environment": {$(environment "$1")
"USER": $(json "${USR:-user}")},
$(groups "$1")
"image": $(json "$image:$1"),
"labels": {"xtask.extras": "$extras", "xtask.project": "$project"},
"mem_limit": "$(bytes "${MEMORY_LIMIT:-0}")",
"network_mode": "bridge",
"pids_limit": ${PIDS_LIMIT:-16384},
"pull_policy": "never",
"security_opt": ["label=disable", "no-new-privileges:$([ "$1" = runtime ] && echo true || echo "${NO_NEW_PRIVILEGES:-false}")"$(rocm ', "seccomp=unconfined"')],
"shm_size": "$(bytes "${SHM_SIZE:-8gb}")",
"user": "${USRID:?}:${GRPID:?}",
"volumes": [$(without_last_comma "$(volumes "$1")")],
"working_dir": $(json "$PROJECT_DIR")
$(overriding "$1")
}
END
}

# Rewrites the note, one line a container: those of services get another state, or go.
change() {
    tab='	' kept=
    while IFS= read -r line; do
        case $line in
        *"${tab}dev${tab}False${tab}"*)
            [ "$1" != gone ] || continue
            id=${line%%"$tab"*} rest=${line#*"$tab"}
            name=${rest%%"$tab"*} rest=${rest#*"$tab"*"$tab"*"$tab"}
            line=$id$tab$name$tab$1$tab$2$tab$rest
            ;;
        esac
        kept="$kept$line
"
    done <"$state/containers"
    printf '%s' "$kept" >"$state/containers"
}

if [ -e "$state/compose-fails" ]; then
    echo 'services.runtime.shm_sise: additional property is not allowed' >&2
    exit 15
fi
case "$1 ${2-}" in
'config --hash') echo "$3 $(cat "$state/settings")" ;;
config*)
    # An overlay wants what it names.
    ! has rocm || : "${VIDEO_GID:?see compose.rocm.yaml}" "${RENDER_GID:?see compose.rocm.yaml}"
    printf '{"name": "%s", "services": {%s, %s}}\n' "$project" "$(service runtime)" "$(service dev)"
    ;;
up*)
    need_daemon
    change gone
    printf '%s\t%s\trunning\tUp 1 second\t%s\tdev\tFalse\t%s\t%s\n' 0123abcd "$project-dev-1" "$image:dev" "$extras" \
        "$directory" >>"$state/containers"
    # What the container's SSH server leaves for its clients.
    if has ssh && [ ! -e "$state/no-ssh-server" ]; then
        echo jdoe >"$directory/.dev/ssh/login"
        echo 'ssh-ed25519 AAAAserver' >"$directory/.dev/ssh/ssh_host_ed25519_key.pub"
    fi
    ;;
stop*) change exited 'Exited (137) 1 second ago' ;;
start* | unpause*) change running 'Up 1 second' ;;
down*) change gone ;;
run*)
    need_daemon
    # shellcheck source=/dev/null
    . "$state/container"
    ;;
*)
    echo "the stand-in does not know: docker compose $*" >&2
    exit 99
    ;;
esac
