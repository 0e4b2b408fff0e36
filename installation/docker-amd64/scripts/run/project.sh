# Sourced by entrypoint.sh: finds the project and makes sure that its package can be imported, without the network.
# shellcheck shell=sh

installed=/opt/project/python-project
if [ -z "${PROJECT_DIR-}" ]; then
    PROJECT_DIR=$installed
    # Plain `docker run` with a mount and a working directory is enough.
    if [ -e "$installed/.not-mounted" ] && [ -e pyproject.toml ] && [ ! -e .not-mounted ]; then
        PROJECT_DIR=$PWD
    fi
fi
export PROJECT_DIR

# Whether the project, as it was installed when the image was built, still is.
is_installed() {
    for metadata in /opt/env/lib/python*/site-packages/"$1"-*.dist-info; do
        [ ! -e "$metadata" ] || return 0
    done
    return 1
}

# Found before everything else, without being installed: read-only, and harmless when many do it at once.
put_in_front() {
    case :${PYTHONPATH-}: in
        *":$PROJECT_DIR/src:"*) ;;
        *) export PYTHONPATH="$PROJECT_DIR/src${PYTHONPATH:+:$PYTHONPATH}" ;;
    esac
}

directory='' distribution=''
# The lines that project-install.sh has written.
if [ -r /opt/env/project.txt ]; then
    { read -r directory && read -r distribution; } </opt/env/project.txt || true
fi
if [ -e "$PROJECT_DIR/.not-mounted" ] || [ ! -e "$PROJECT_DIR/pyproject.toml" ]; then
    warn "your code is not mounted: PROJECT_DIR ($PROJECT_DIR) has none. \`cargo xtask run\` mounts it;" \
        "\`docker run\` needs --mount type=bind,source=REPOSITORY,target=${PROJECT_ROOT:-${PROJECT_DIR%/*}}"
elif [ "$directory" != "$PROJECT_DIR" ]; then
    put_in_front
elif ! is_installed "$distribution"; then
    /opt/env/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-index --no-deps \
        --no-build-isolation --editable "$PROJECT_DIR" </dev/null >/dev/null 2>&1 || {
        put_in_front
        warn "$distribution is not installed in the environment any more and could not be installed again;" \
            "its code is found by PYTHONPATH"
    }
fi
