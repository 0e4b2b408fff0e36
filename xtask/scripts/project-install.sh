#!/bin/sh
# Installs a project editable into /opt/env: project-install.sh DIRECTORY
set -eu
directory=$1
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

[ -x /opt/env/bin/python ] || exit 0
# Without its dependencies, because only packages of dependencies/ belong into the environment.
export UV_LINK_MODE=copy PYTHONDONTWRITEBYTECODE=1
/opt/uv/bin/uv pip install --python /opt/env/bin/python --no-deps --editable "$directory"

# What uv notes of the time at which it looked at the files would make each image another one.
for note in /opt/env/lib/python*/site-packages/*.dist-info/uv_cache.json; do
    [ -e "$note" ] || continue
    sed --in-place '/\/uv_cache\.json,/d' "${note%/*}/RECORD"
    rm "$note"
done

# For entrypoint.sh, which has no time to ask Python: the directory, and the name of the distribution in its metadata.
metadata=$(grep --files-with-matches --fixed-strings "\"file://$directory\"" \
    /opt/env/lib/python*/site-packages/*.dist-info/direct_url.json)
metadata=${metadata%-*.dist-info/direct_url.json}
printf '%s\n' "$directory" "${metadata##*/}" >/opt/env/project.txt
