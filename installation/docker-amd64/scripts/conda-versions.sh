#!/bin/sh
# Prints what conda has installed into /opt/env of Python's packages, as constraints for pip: what conda has installed stays,
# and a pip package that does not go with it is an error, which says so.
set -eu
[ -d /opt/env/conda-meta ] || exit 0
/opt/env/bin/python -I -c '
from importlib.metadata import distributions
for it in distributions():
    if (it.read_text("INSTALLER") or "").strip() == "conda":
        print(it.metadata["Name"] + "==" + it.version)
'
