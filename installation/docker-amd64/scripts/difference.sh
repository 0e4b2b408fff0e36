#!/bin/sh
# Puts what is asked for into a locked environment: difference.sh LISTS
#
# LISTS has difference.txt, what is asked for (empty: nothing differs), and preferences.txt, the versions to keep where that
# can be.
set -eu
lists=$1
# shellcheck source=download.sh
. "$(dirname "$0")/download.sh"

[ -s "$lists/difference.txt" ] || exit 0

uv() {
    UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 /opt/uv/bin/uv --quiet "$@"
}
# The names of the packages in lines of requirements, or in a tree of them, as PyPI spells them.
names() {
    sed -n 's/^[^A-Za-z0-9]*\([A-Za-z0-9][A-Za-z0-9._-]*\).*/\1/p' | tr '[:upper:]_.' '[:lower:]--' | tr -s - | sort -u
}
# Whether something that was locked is needed by nothing that is asked for: it stands at a root of the tree of what is
# installed, or, where packages need each other, in no tree. What an extra needs stands at a root, too: then the doubt is for
# nothing.
is_something_left() {
    /opt/uv/bin/uv pip tree --python "$python" --depth 0 2>/dev/null | names | comm -23 - "$work/asked" >"$work/idle"
    /opt/uv/bin/uv pip tree --python "$python" 2>/dev/null | names >"$work/tree"
    /opt/uv/bin/uv pip freeze --python "$python" 2>/dev/null | names | comm -23 - "$work/tree" >>"$work/idle"
    [ -n "$(sort -u "$work/idle" | comm -12 - "$work/old")" ]
}

python=/opt/env/bin/python
work=$(mktemp -d)
"$(dirname "$0")/conda-versions.sh" >"$work/conda.txt"
# What is installed counts as found: uv asks the index of nothing but what is new.
uv pip install --python "$python" --requirements "$lists/difference.txt" --constraints "$work/conda.txt"
names <"$lists/difference.txt" >"$work/asked"
names <"$lists/preferences.txt" >"$work/old"
if is_something_left; then
    # What all is needed takes longer to find out, because the index is asked of everything. uv keeps the versions of an
    # output file that is there already, unless they cannot be kept. PyPI may not have those of conda.
    cat "$lists/preferences.txt" "$work/conda.txt" >"$work/wanted.txt"
    uv pip compile --python "$python" --emit-index-url --emit-find-links --no-annotate --no-header \
        --output-file "$work/wanted.txt" "$lists/difference.txt"
    names <"$work/wanted.txt" | comm -23 "$work/old" - >"$work/gone"
    if [ -s "$work/gone" ]; then
        uv pip uninstall --python "$python" --requirements "$work/gone"
    fi
    names <"$work/conda.txt" | sed 's/.*/^&==/' >"$work/of-conda"
    grep --invert-match --file "$work/of-conda" "$work/wanted.txt" >"$work/of-pip" || true
    uv pip install --python "$python" --no-deps --requirements "$work/of-pip"
fi
rm -r "$work"
