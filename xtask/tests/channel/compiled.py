"""A shared library of our own, compiled here, with the path of its environment in it."""

import subprocess
import tempfile
from pathlib import Path

from debian import Missing
from package import PLACEHOLDER, File

CODE = """\
static const char prefix[] = "@PREFIX@/share/labext";
const char *labext_prefix(void) { return prefix; }
const char *labext_kind(void) { return "@KIND@"; }
"""


def labext(kind: str) -> File:
    with tempfile.TemporaryDirectory() as directory:
        source, library = Path(directory, "labext.c"), Path(directory, "liblabext.so")
        source.write_text(CODE.replace("@PREFIX@", PLACEHOLDER).replace("@KIND@", kind))
        # A build id and symbols would be the only things in it that differ from run to run.
        command = ["cc", "-shared", "-fPIC", "-s", "-Wl,--build-id=none", "-o", str(library), str(source)]
        try:
            subprocess.run(command, check=True)
        except FileNotFoundError:
            raise Missing("there is no C compiler: apt-get install gcc libc6-dev") from None
        return File(library.read_bytes(), executable=True, prefix="binary")
