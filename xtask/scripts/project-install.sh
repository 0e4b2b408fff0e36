#!/bin/sh
# Installs a project editable into /opt/env, and others of its repository: project-install.sh DIRECTORY LIST
#
# LIST has the folders of the others, one a line, as seen from the folder above DIRECTORY.
set -eu
directory=$1
list=$2
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

[ -x /opt/env/bin/python ] || exit 0
# Without its dependencies, because only packages of dependencies/ belong into the environment.
export UV_LINK_MODE=copy PYTHONDONTWRITEBYTECODE=1
set --
while IFS= read -r folder; do
    set -- "$@" --editable "${directory%/*}/$folder"
done <"$list"
/opt/uv/bin/uv pip install --python /opt/env/bin/python --no-deps --editable "$directory" "$@"

# What uv notes of the time at which it looked at the files would make each image another one.
for note in /opt/env/lib/python*/site-packages/*.dist-info/uv_cache.json; do
    [ -e "$note" ] || continue
    sed --in-place '/\/uv_cache\.json,/d' "${note%/*}/RECORD"
    rm "$note"
done

# For entrypoint.sh, which has no time to ask Python: the directory, the name of the distribution in its metadata, and the others.
metadata=$(grep --files-with-matches --fixed-strings "\"file://$directory\"" \
    /opt/env/lib/python*/site-packages/*.dist-info/direct_url.json)
metadata=${metadata%-*.dist-info/direct_url.json}
{ printf '%s\n' "$directory" "${metadata##*/}" && cat "$list"; } >/opt/env/project.txt
