#!/usr/bin/env bash
# py-rattler 0.28.0 (PyPI) copies what a package has as a symbolic link, if symbolic links are not allowed.
#
# `allow-hard-links`, `allow-symbolic-links` and `allow-ref-links` of its configuration say how files may get from the package
# cache into an environment. Without all three, files are copied, which is what one wants where the cache is on another disk.
# One expects that the links which a package itself brings, such as `libx.so -> libx.so.1`, stay links: with copies they do, as
# long as symbolic links are allowed. Where they are not, each becomes a file of its own: an environment grows, and
# `bin/python3` is no longer `bin/python3.11`.
#
# Seen with py-rattler 0.28.0 on Python 3.11.
# What it means here: `xtask/conda/network.py` forbids hard links and reflinks only, where files are copied.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv tools
tools/bin/pip install --quiet --disable-pip-version-check py-rattler==0.28.0

cat >try.py <<'EOF'
import asyncio
import io
import json
import os
import tarfile
from pathlib import Path

from rattler import Channel, Gateway, MatchSpec, install, solve
from rattler.config import Config
from rattler.index import index_fs
from rattler.networking.client import Client


def package(folder: Path) -> None:
    """A library, and the link by which it is found."""
    paths = [{"_path": "lib/libx.so.1", "path_type": "hardlink"}, {"_path": "lib/libx.so", "path_type": "softlink"}]
    index = {"name": "x", "version": "1", "build": "0", "build_number": 0, "depends": [], "subdir": "noarch"}
    index["noarch"] = "generic"
    files = {"info/index.json": index, "info/paths.json": {"paths_version": 1, "paths": paths}}
    folder.mkdir(parents=True)
    with tarfile.open(folder / "x-1-0.tar.bz2", "w:bz2") as archive:
        for name, value in files.items():
            add(archive, name, json.dumps(value).encode())
        add(archive, "lib/libx.so.1", b"library")
        link = tarfile.TarInfo("lib/libx.so")
        link.type, link.linkname = tarfile.SYMTYPE, "libx.so.1"
        archive.addfile(link)


def add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    archive.addfile(entry, io.BytesIO(data))


async def main() -> None:
    channel = Path("channel").absolute()
    package(channel / "noarch")
    await index_fs(channel)
    gateway = Gateway(cache_dir=Path("repodata").absolute())
    records = await solve([Channel(channel.as_uri())], [MatchSpec("x")], gateway=gateway, platforms=["noarch"])
    copies = "allow-hard-links = false\nallow-ref-links = false\n"
    for name, text in [("allowed", copies), ("not-allowed", copies + "allow-symbolic-links = false\n")]:
        config = Config.from_toml(text)
        prefix = Path(name).absolute()
        cache = Path("cache").absolute()
        await install(records, prefix, cache_dir=cache, client=Client.from_config(config), config=config, show_progress=False)
        print(name, "link" if (prefix / "lib/libx.so").is_symlink() else "file", flush=True)


asyncio.run(main())
os._exit(0)
EOF

expected="allowed link
not-allowed file"

seen=$(tools/bin/python try.py)
if [[ $seen != "$expected" ]]; then
    printf 'it has changed; seen now:\n%s\n' "$seen"
    exit 1
fi
printf '%s\n' "$seen"
