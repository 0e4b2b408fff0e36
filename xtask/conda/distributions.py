"""Which Python distributions a conda package brings, told by the paths in it."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path

from fetching import Packages
from network import relevant
from protocol import Failure
from rattler import PathsJson, RepoDataRecord
from rattler.networking.client import Client
from rattler.package_streaming import PackageArchive
from records import Link, needed_names, noarch

# Opening more archives than this at once gains nothing and annoys servers.
_AT_ONCE = 32

# Only what lies directly in site-packages: setuptools, for one, carries others inside.
_METADATA = re.compile(
    r"^(?:lib/python[\d.]+t?/|Lib/)?site-packages/"
    r"(?P<name>[^/]+?)-(?P<version>[^/-]+)(?:-py[\d.]+)?\.(?:dist-info|egg-info)(?:/|$)"
)


# A name as PyPI normalises it, and a version.
Distribution = dict[str, str]


class Distributions:
    """Looks where it is cheapest: what was read before, unpacked packages, archives."""

    def __init__(self, cache: Path, client: Client, offline: bool) -> None:
        self._known = cache / "distributions"
        self._packages = Packages(cache)
        self._client = client
        self._offline = offline
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def of_all(self, records: list[RepoDataRecord]) -> list[list[Distribution]]:
        found: list[list[Distribution]] = [[] for _ in records]
        possible = [number for number, record in enumerate(records) if can_have_any(record)]
        answers = await asyncio.gather(*(self._of(records[number]) for number in possible))
        for number, distributions in zip(possible, answers, strict=True):
            found[number] = distributions
        return found

    async def _of(self, record: RepoDataRecord) -> list[Distribution]:
        known = self._known / f"{record.sha256.hex()}.json" if record.sha256 else None
        if known and known.exists():
            found: list[Distribution] = json.loads(known.read_text())
            return found
        async with self._at_once:
            found = in_paths(await self._paths(record))
        if known:
            _write(known, json.dumps(found))
        return found

    async def _paths(self, record: RepoDataRecord) -> list[str]:
        link = Link(record.url, record.sha256, record.md5)
        unpacked = self._packages.unpacked(link)
        if unpacked:
            return _relative(PathsJson.from_package_directory(unpacked))
        try:
            path = link.local_path()
            if path:
                return await _in_archive(await PackageArchive.from_path(path))
            if self._offline:
                raise Failure("offline", f"what {link.stem} brings is not known here, and this is offline")
            return await _in_archive(await PackageArchive.from_url(self._client, record.url))
        except Failure:
            raise
        except Exception as error:
            raise Failure("channel", f"{link.url}: {relevant(str(error))}", channel=link.channel) from error


def can_have_any(record: RepoDataRecord) -> bool:
    return noarch(record) == "python" or bool({"python", "python_abi"} & needed_names(record.depends))


def in_paths(paths: list[str]) -> list[Distribution]:
    found = {
        (re.sub(r"[-_.]+", "-", metadata["name"]).lower(), metadata["version"])
        for path in paths
        if (metadata := _METADATA.match(path))
    }
    return [{"name": name, "version": version} for name, version in sorted(found)]


async def _in_archive(archive: PackageArchive) -> list[str]:
    try:
        return _relative(await archive.paths_json())
    except OSError:
        # Packages from before 2017 have the older list.
        files = await archive.read_file("info/files")
        return files.decode().splitlines() if files else []


def _relative(paths: PathsJson) -> list[str]:
    return [str(entry.relative_path) for entry in paths.paths]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)
