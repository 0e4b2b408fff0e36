"""Makes a small channel, and installs from it with py-rattler: conda_channel.py DIRECTORY URL PREFIX

DIRECTORY is where URL is served from. Prints a line `URL DIGEST` for each file that the solver has chosen.
"""

import asyncio
import io
import json
import os
import pathlib
import platform
import sys
import tarfile

import rattler
from rattler.index import index_fs

# Name, version, build, folder, and what it needs.
PACKAGES = [
    ("python", platform.python_version(), "0_cpython", "linux-64", []),
    ("x264", "1!164.3095", "h0_2", "linux-64", []),
    ("tool", "1.9", "py_0", "linux-64", ["python", "x264"]),
    ("tool", "2.0", "py_0", "linux-64", ["python", "x264 >=1!164"]),
    ("certificates", "2026.1.1", "hd8ed1ab_0", "noarch", []),
]


def make(directory, name, version, build, subdir, depends):
    index = {
        "name": name,
        "version": version,
        "build": build,
        "build_number": int(build.rsplit("_", 1)[-1]) if build[-1].isdigit() else 0,
        "depends": depends,
        "subdir": subdir,
        "timestamp": 1700000000000,
    }
    if subdir == "noarch":
        index["noarch"] = "generic"
    files = {
        "info/index.json": json.dumps(index),
        "info/files": "share/%s.txt\n" % name,
        "share/%s.txt" % name: "%s %s\n" % (name, version),
    }
    path = directory / subdir / ("%s-%s-%s.tar.bz2" % (name, version, build))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:bz2") as archive:
        for file, text in files.items():
            data = text.encode()
            entry = tarfile.TarInfo(file)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


async def main(directory, url, prefix):
    for package in PACKAGES:
        make(directory, *package)
    await index_fs(directory, write_zst=False, write_shards=False)
    specs = [rattler.MatchSpec(it) for it in ("python", "tool", "certificates")]
    # Neither of the two caches is that of the person who runs this.
    cache = prefix.parent / "rattler-cache"
    gateway = rattler.Gateway(cache_dir=cache / "repodata")
    records = await rattler.solve([rattler.Channel(url)], specs, gateway=gateway, platforms=["linux-64", "noarch"])
    await rattler.install(records, prefix, cache_dir=cache, show_progress=False)
    for record in records:
        print(record.url, record.sha256.hex())


asyncio.run(main(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])))
# Threads of py-rattler 0.28.0 go on while the interpreter ends, and now and then crash it.
sys.stdout.flush()
os._exit(0)
