#!/bin/sh
# Solves what a directory asks for: solve.sh QUESTION ANSWER
#
# With conda.json in it, conda's solver answers, else uv to the arguments in the file of that name, a line each. What cannot be
# solved is an answer, too: who has asked explains it.
set -eu
question=$1
answer=$2
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

mkdir "$answer"
if [ -e "$question/conda.json" ]; then
    PYTHONPATH=/opt/conda-engine/lib PYTHONDONTWRITEBYTECODE=1 \
        /usr/bin/python3 /opt/conda-engine/conda solve "$question/conda.json" >"$answer/printed" 2>"$answer/said" || true
    exit 0
fi
work=$(mktemp -d)
cp -R "$question/." "$work"
cd "$work"
set --
while read -r argument; do
    set -- "$@" "$argument"
done <arguments
exit=0
/opt/uv/bin/uv "$@" 2>"$answer/said" || exit=$?
echo "$exit" >"$answer/exit"
[ "$exit" != 0 ] || cp pylock.toml "$answer"
rm -r "$work"
