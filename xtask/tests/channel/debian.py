"""What this machine has of Debian 12: the files of its packages, and its shared libraries."""

import subprocess
from pathlib import Path

LIBRARIES = Path("/usr/lib/x86_64-linux-gnu")


class Missing(Exception):
    """Something that has to be installed before a channel can be made, as a sentence."""


def files_of(package: str) -> list[Path]:
    try:
        listed = subprocess.run(["dpkg-query", "--listfiles", package], capture_output=True, text=True)
    except FileNotFoundError:
        raise Missing("the channel is made of Debian's Python 3.11, and this machine has no dpkg") from None
    if listed.returncode:
        raise Missing(f"Debian's package {package} is not installed: apt-get install python3.11-venv")
    # dpkg also lists what local rules have kept from being unpacked.
    return [path for path in map(Path, listed.stdout.splitlines()) if path.is_file() or path.is_symlink()]


def library(name: str) -> bytes:
    try:
        return (LIBRARIES / name).read_bytes()
    except FileNotFoundError:
        raise Missing(f"{LIBRARIES / name} is not there: apt-get install python3.11-venv libreadline8") from None
