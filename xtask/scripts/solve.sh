#!/bin/sh
# Solves what a directory asks for: solve.sh QUESTION ANSWER
#
# With conda.json in it, conda's solver answers. Else uv does, to the arguments and variables in the files of these names, a line
# each, if there is a requirements.txt: for the version of Python in python-version, or for the Python that the environment would be made with
# by python.txt. What cannot be solved is an answer, too: who has asked explains it.
set -eu
question=$1
answer=$2
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

mkdir "$answer"
if [ -e "$question/conda.json" ]; then
    PYTHONPATH=/opt/conda-engine/lib PYTHONDONTWRITEBYTECODE=1 \
        python3 /opt/conda-engine/conda solve "$question/conda.json" >"$answer/printed" 2>"$answer/said" || true
    exit 0
fi
work=$(mktemp -d)
cp -R "$question/." "$work"
cd "$work"

find_python() {
    wanted=$(cat python.txt)
    UV_PYTHON_INSTALL_DIR="$work/python" \
        /opt/uv/bin/uv --quiet venv --python-preference system ${wanted:+--python "$wanted"} "$work/environment" &&
        "$work/environment/bin/python" -c 'import platform; print(platform.python_version())' >python-version
}
solve() {
    set --
    while read -r argument; do
        set -- "$@" "$argument"
    done <arguments
    while read -r variable; do
        export "${variable?}"
    done <variables
    /opt/uv/bin/uv "$@" --python-version "$(cat python-version)"
}
exit=0
[ -e python-version ] || find_python 2>"$answer/said" || exit=$?
if [ "$exit" = 0 ] && [ -e requirements.txt ]; then
    solve 2>"$answer/said" || exit=$?
fi
echo "$exit" >"$answer/exit"
if [ "$exit" = 0 ]; then
    cp python-version "$answer"
    [ ! -e pylock.toml ] || cp pylock.toml "$answer"
fi
cd /
rm -r "$work"
