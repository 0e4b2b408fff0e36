#!/bin/sh
# Prints the Python packages that conda has installed into /opt/env, as constraints for pip: pip keeps their versions, and
# fails with a message where a pip package does not fit.
set -eu
[ -d /opt/env/conda-meta ] || exit 0
/opt/env/bin/python -I -c '
from importlib.metadata import distributions
for it in distributions():
    if (it.read_text("INSTALLER") or "").strip() == "conda":
        print(it.metadata["Name"] + "==" + it.version)
'
