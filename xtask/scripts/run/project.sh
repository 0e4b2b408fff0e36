# Sourced by entrypoint.sh: finds the project and makes sure, without network access, that its package can be imported.
# shellcheck shell=sh

installed=/opt/project/python-project
if [ -z "${PROJECT_DIR-}" ]; then
    PROJECT_DIR=$installed
    # So that plain `docker run` needs only a mount and a working directory.
    if [ -e "$installed/.not-mounted" ] && [ -e pyproject.toml ] && [ ! -e .not-mounted ]; then
        PROJECT_DIR=$PWD
    fi
fi
export PROJECT_DIR

# Whether the project is still installed, as it was when the image was built.
is_installed() {
    for metadata in /opt/env/lib/python*/site-packages/"$1"-*.dist-info; do
        [ ! -e "$metadata" ] || return 0
    done
    return 1
}

# Makes the packages of a project importable without installing it. This writes nothing, so many containers can do it at once.
add_to_pythonpath() {
    code=$1
    [ ! -d "$code/src" ] || code=$code/src
    case :${PYTHONPATH-}: in
        *":$code:"*) ;;
        *) export PYTHONPATH="$code${PYTHONPATH:+:$PYTHONPATH}" ;;
    esac
}

directory='' distribution=''
# Written by project-install.sh.
if [ -r /opt/env/project.txt ]; then
    {
        read -r directory && read -r distribution
        # Local projects are installed beside it, and may be mounted elsewhere as it is.
        while [ "$directory" != "$PROJECT_DIR" ] && read -r other; do
            add_to_pythonpath "${PROJECT_DIR%/*}/$other"
        done
    } </opt/env/project.txt || true
fi
if [ -e "$PROJECT_DIR/.not-mounted" ] || [ ! -e "$PROJECT_DIR/pyproject.toml" ]; then
    warn "your code is not mounted: PROJECT_DIR ($PROJECT_DIR) contains no project. \`cargo xtask run\` mounts it;" \
        "\`docker run\` needs --mount type=bind,source=REPOSITORY,target=${PROJECT_ROOT:-${PROJECT_DIR%/*}}"
elif [ "$directory" != "$PROJECT_DIR" ]; then
    add_to_pythonpath "$PROJECT_DIR"
elif ! is_installed "$distribution"; then
    /opt/env/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-index --no-deps \
        --no-build-isolation --editable "$PROJECT_DIR" </dev/null >/dev/null 2>&1 || {
        add_to_pythonpath "$PROJECT_DIR"
        warn "$distribution is no longer installed in the environment and could not be installed again;" \
            "its code is found through PYTHONPATH"
    }
fi
