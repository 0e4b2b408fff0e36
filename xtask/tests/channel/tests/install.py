"""Solves and installs: install.py CHANNEL PREFIX SPEC…

Prints a line `NAME VERSION BUILD` for each package that was chosen. Without a PREFIX (`-`), nothing is installed.
"""

import asyncio
import os
import sys
import tempfile
import traceback
from pathlib import Path

from rattler import (
    BuildString,
    Channel,
    Gateway,
    GenericVirtualPackage,
    MatchSpec,
    PackageName,
    Version,
    install,
    solve,
)

# What a machine of the channel's kind has, whatever the one that the tests run on has.
VIRTUAL = {"__unix": "0", "__linux": "0", "__glibc": "2.36"}


async def main(channel: str, prefix: str, specs: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        cache = Path(directory)
        records = await solve(
            [Channel(channel)],
            [MatchSpec(it, strict=False) for it in specs],
            gateway=Gateway(cache_dir=cache),
            platforms=["linux-64", "noarch"],
            virtual_packages=[
                GenericVirtualPackage(PackageName(name), Version(version), BuildString("0"))
                for name, version in VIRTUAL.items()
            ],
        )
        if prefix != "-":
            await install(records, prefix, cache_dir=cache, show_progress=False)
    for it in records:
        print(it.name.normalized, it.version, it.build)


try:
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
    code = 0
except Exception:
    traceback.print_exc()
    code = 1
sys.stdout.flush()
# Threads of py-rattler 0.28.0 go on while the interpreter ends, and now and then crash it.
os._exit(code)
