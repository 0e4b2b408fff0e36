#!/bin/sh
# Updates a locked environment to the requirements of environment.yml: difference.sh LISTS
#
# LISTS contains difference.txt, the requirements (empty if the lock matches), and preferences.txt, the versions to keep
# where possible.
set -eu
lists=$1
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

[ -s "$lists/difference.txt" ] || exit 0

uv() {
    UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 /opt/uv/bin/uv --quiet "$@"
}
# Prints the normalised names of the packages in requirements or in a tree of `uv pip tree`.
names() {
    sed -n 's/^[^A-Za-z0-9]*\([A-Za-z0-9][A-Za-z0-9._-]*\).*/\1/p' | tr '[:upper:]_.' '[:lower:]--' | tr -s - | sort -u
}
# Whether a locked package may no longer be needed: it is a root of the tree of installed packages, or, where packages depend
# on each other, in no tree. The dependencies of an extra are roots too, so the answer may be yes for nothing.
may_have_leftovers() {
    /opt/uv/bin/uv pip tree --python "$python" --depth 0 2>/dev/null | names | comm -23 - "$work/required" >"$work/unneeded"
    /opt/uv/bin/uv pip tree --python "$python" 2>/dev/null | names >"$work/tree"
    /opt/uv/bin/uv pip freeze --python "$python" 2>/dev/null | names | comm -23 - "$work/tree" >>"$work/unneeded"
    [ -n "$(sort -u "$work/unneeded" | comm -12 - "$work/preferred")" ]
}

python=/opt/env/bin/python
work=$(mktemp -d)
# Installed packages stay, so uv asks the index only for new ones.
uv pip install --python "$python" --requirements "$lists/difference.txt"
names <"$lists/difference.txt" >"$work/required"
names <"$lists/preferences.txt" >"$work/preferred"
if may_have_leftovers; then
    # Solving everything takes longer, because uv asks the index for every package. uv keeps the versions of an existing
    # output file where possible.
    cp "$lists/preferences.txt" "$work/solved.txt"
    uv pip compile --python "$python" --emit-index-url --emit-find-links --no-annotate --no-header \
        --output-file "$work/solved.txt" "$lists/difference.txt"
    names <"$work/solved.txt" | comm -23 "$work/preferred" - >"$work/leftovers"
    if [ -s "$work/leftovers" ]; then
        uv pip uninstall --python "$python" --requirements "$work/leftovers"
    fi
    uv pip install --python "$python" --no-deps --requirements "$work/solved.txt"
fi
rm -r "$work"
