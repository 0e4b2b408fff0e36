"""Lists of what a channel has, by py-rattler: plain, compressed, and in shards."""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path

from package import SECONDS


def index_all(channels: Iterable[Path]) -> None:
    # Whoever only serves a channel needs no py-rattler.
    from rattler.index import index_fs

    async def index() -> None:
        for channel in channels:
            await index_fs(channel, write_zst=False, write_shards=False, force=True)
            _set_times(channel)
            # Takes the records that are there. Only the lists of shards still say when they were made.
            await index_fs(channel, write_zst=True, write_shards=True)

    asyncio.run(index())


def _set_times(channel: Path) -> None:
    """Lets all packages have been indexed on the same day, which solvers can be told to look back from."""
    for repodata in channel.glob("*/repodata.json"):
        records = re.sub(r'"indexed_timestamp":\d+', f'"indexed_timestamp":{SECONDS * 1000}', repodata.read_text())
        repodata.write_text(records)
