"""Makes sure that each package of a list is the one that the list means."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from channels import bare
from network import channel_failure
from prefix import write
from protocol import Failure
from rattler.networking.client import Client
from rattler.package_streaming import download_to_path
from records import Link


@dataclass(frozen=True)
class Packages:
    """Unpacked packages, each known by the sha256 of its archive."""

    cache: Path

    @property
    def folder(self) -> Path:
        return self.cache / "pkgs"

    def unpacked(self, link: Link) -> Path | None:
        """The package in the cache, if it was unpacked from the archive with this digest."""
        folder = self.folder / link.stem
        if link.sha256 is None or self._digest(link) != link.sha256:
            return None
        return folder if (folder / "info" / "index.json").exists() else None

    def drop_others(self, links: Iterable[Link]) -> None:
        """Removes packages of these names from other archives.

        py-rattler 0.28 notes the digest that it wants before it downloads. Where the download then fails, it takes what
        was there before for the package that is wanted, from the next time on.
        """
        for link in links:
            if self._digest(link) != link.sha256:
                self.drop(link)

    def drop(self, link: Link) -> None:
        shutil.rmtree(self.folder / link.stem, ignore_errors=True)

    def _digest(self, link: Link) -> bytes | None:
        try:
            lock = (self.folder / f"{link.stem}.lock").read_bytes()
        except OSError:
            return None
        # Behind a number of its own.
        return lock[-32:]


class Fetching:
    """Gives every link its sha256: py-rattler checks no other digest in its cache, and none of files on a disk."""

    def __init__(self, cache: Path, client: Client, offline: bool) -> None:
        self._packages = Packages(cache)
        self._known = cache / "digests"
        self._client = client
        self._offline = offline
        cache.mkdir(parents=True, exist_ok=True)
        self._archives = tempfile.TemporaryDirectory(dir=cache, prefix=".archives-")

    def __enter__(self) -> Fetching:
        return self

    def __exit__(self, *_: object) -> None:
        self._archives.cleanup()

    async def checked(self, links: Iterable[Link]) -> dict[str, Link]:
        """The links by name, of packages that can be taken from where they say."""
        found = await asyncio.gather(*(self._checked(link) for link in links))
        self._packages.drop_others(found)
        absent = [link.stem for link in found if not link.local_path() and not self._packages.unpacked(link)]
        if self._offline and absent:
            raise _offline(absent)
        return {link.name: link for link in found}

    async def _checked(self, link: Link) -> Link:
        if self._packages.unpacked(link):
            return link
        path = link.local_path()
        if path:
            return await asyncio.to_thread(verified, link, path)
        return link if link.sha256 else await self._with_sha256(link)

    async def _with_sha256(self, link: Link) -> Link:
        known = self._known / f"{link.md5.hex()}.sha256" if link.md5 else None
        if known and known.exists():
            return replace(link, sha256=bytes.fromhex(known.read_text().strip()))
        if self._offline:
            raise _offline([link.stem])
        checked = await self._downloaded(link)
        if known and checked.sha256:
            write(known, checked.sha256.hex() + "\n")
        return checked

    async def _downloaded(self, link: Link) -> Link:
        archive = await download(self._client, link, Path(self._archives.name))
        return replace(await asyncio.to_thread(verified, link, archive), archive=archive)


async def download(client: Client, link: Link, folder: Path) -> Path:
    archive = folder / link.file_name
    try:
        await download_to_path(client, link.url, archive)
    except Exception as error:
        raise channel_failure(error, [bare(link.channel)]) or error from None
    return archive


def _offline(stems: list[str]) -> Failure:
    return Failure("offline", f"not in the cache, and this is offline: {', '.join(stems)}")


def verified(link: Link, path: Path) -> Link:
    """The link with the sha256 of its archive, which has the digests that the link wants."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                sha256.update(block)
                if link.md5:
                    md5.update(block)
    except OSError as error:
        raise Failure("channel", f"{path}: {error.strerror}", channel=bare(link.channel)) from None
    for expected, found in ((link.sha256, sha256), (link.md5, md5)):
        if expected and expected != found.digest():
            raise Failure("digest", f"{bare(link.url)}: expected {expected.hex()}, found {found.hexdigest()}")
    return replace(link, sha256=sha256.digest())
