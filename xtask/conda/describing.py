"""What is known of packages that have been chosen: the lines of a lock have no more than an address and a digest."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from channels import Channels, bare
from distributions import Distributions
from fetching import download, verified
from network import channel_failure, client, configuration, gateway, use_credentials, with_or_without_shards
from protocol import DescribeRequest, Failure
from rattler import Channel, Gateway, PackageRecord, RepoDataRecord, Subdir
from rattler.exceptions import GatewayError
from rattler.networking.client import Client
from rattler.package_streaming import PackageArchive
from records import Link, described

# More archives than this at once are no faster, and fill the memory.
_AT_ONCE = 8


async def describe(request: DescribeRequest) -> dict[str, Any]:
    use_credentials(request.credentials)
    http = client(configuration())
    links = [Link.of(line) for line in request.packages]
    in_channels = await _in_channels(request, links, http)
    archives = Archives(request.cache, http, request.offline)
    records = await asyncio.gather(*(archives.complete(link, in_channels.get(link)) for link in links))
    distributions = await Distributions(request.cache, http, request.offline).of_all(records)
    return {
        "channels": Channels.of(request.channels, request.channel_alias).bare_addresses(),
        "packages": [described(record, found) for record, found in zip(records, distributions)],
    }


async def _in_channels(request: DescribeRequest, links: list[Link], http: Client) -> dict[Link, RepoDataRecord]:
    """The records of packages that their channels have still: channels correct what packages say of themselves."""
    by_channel: dict[str, list[Link]] = {}
    for link in links:
        by_channel.setdefault(link.channel, []).append(link)

    async def ask(sharded: bool) -> dict[Link, RepoDataRecord]:
        repodata = gateway(request.cache, http, request.offline, sharded)
        found = await asyncio.gather(*(_in_channel(repodata, *each) for each in by_channel.items()))
        return {link: record for records in found for link, record in records.items()}

    try:
        return await with_or_without_shards(ask)
    except GatewayError as error:
        raise channel_failure(error, [bare(channel) for channel in by_channel]) or error from None


async def _in_channel(repodata: Gateway, channel: str, links: list[Link]) -> dict[Link, RepoDataRecord]:
    subdirs = sorted({link.subdir for link in links})
    names = sorted({link.name for link in links})
    answers = await repodata.query(
        [Channel(channel)], [Subdir(subdir) for subdir in subdirs], names, recursive=False
    )
    records = {(record.subdir, record.file_name): record for answer in answers for record in answer}
    return {
        link: record
        for link in links
        if (record := records.get((link.subdir, link.file_name))) and link.describes(record)
    }


@dataclass
class Archives:
    """Packages themselves, for what channels do not say."""

    cache: Path
    client: Client
    offline: bool

    def __post_init__(self) -> None:
        self.cache.mkdir(parents=True, exist_ok=True)
        self._at_once = asyncio.Semaphore(_AT_ONCE)

    async def complete(self, link: Link, record: RepoDataRecord | None) -> RepoDataRecord:
        """The record with both digests and the size."""
        if record and record.sha256 and record.md5 and record.size:
            return record
        async with self._at_once:
            with tempfile.TemporaryDirectory(dir=self.cache, prefix=".described-") as folder:
                return await self._completed(link, record, Path(folder))

    async def _completed(self, link: Link, record: RepoDataRecord | None, folder: Path) -> RepoDataRecord:
        path = link.local_path() or await self._downloaded(link, folder)
        sha256 = (await asyncio.to_thread(verified, link, path)).sha256
        known = record or await _of_itself(link, path, folder)
        known.sha256 = sha256
        known.md5 = await asyncio.to_thread(_md5, path)
        known.size = path.stat().st_size
        return known

    async def _downloaded(self, link: Link, folder: Path) -> Path:
        if self.offline:
            raise Failure("offline", f"what {link.stem} is made of is not known here, and this is offline")
        return await download(self.client, link, folder)


async def _of_itself(link: Link, path: Path, folder: Path) -> RepoDataRecord:
    """What a package says of itself."""
    index = await (await PackageArchive.from_path(path)).read_file("info/index.json")
    if index is None:
        raise Failure("other", f"the package has no info/index.json: {bare(link.url)}")
    file = folder / "index.json"
    file.write_bytes(index)
    record = PackageRecord.from_index_json(file)
    record.subdir = link.subdir
    return RepoDataRecord(record, link.file_name, link.url, link.channel)


def _md5(path: Path) -> bytes:
    md5 = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            md5.update(block)
    return md5.digest()
