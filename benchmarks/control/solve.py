"""Solves a request of `xtask/conda` by a bare call of py-rattler, and prints the addresses: solve.py FILE"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from rattler import Channel, Gateway, GenericVirtualPackage, PackageName, SourceConfig, Subdir, Version, solve
from rattler.channel.channel_priority import ChannelPriority
from rattler.package import BuildString


async def addresses(request: dict[str, Any]) -> list[str]:
    records = await solve(
        [Channel(address) for address in request["channels"]],
        request["specs"],
        gateway=Gateway(
            cache_dir=Path(request["cache"]) / "repodata",
            default_config=SourceConfig(sharded_enabled=True, cache_action="cache-or-fetch"),
        ),
        platforms=[Subdir(request["platform"]), Subdir("noarch")],
        virtual_packages=[
            GenericVirtualPackage(
                PackageName(each["name"]), Version(each["version"]), BuildString.new_unchecked(each["build"])
            )
            for each in request["virtual_packages"]
        ],
        channel_priority=ChannelPriority.Strict,
    )
    return [record.url for record in records]


if __name__ == "__main__":
    print(*asyncio.run(addresses(json.loads(Path(sys.argv[1]).read_text()))), sep="\n", flush=True)
    # Threads of py-rattler 0.28.0 go on while the interpreter ends, and now and then crash it.
    os._exit(0)
