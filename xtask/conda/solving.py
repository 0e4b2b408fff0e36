"""From what is asked for to the exact list of packages."""

from __future__ import annotations

import asyncio
import datetime
import sys
import time
from dataclasses import dataclass
from typing import Any

from channels import Channels
from distributions import Distributions
from explaining import unsolvable
from network import channel_failure, client, configuration, gateway, relevant, use_credentials, with_or_without_shards
from protocol import Failure, SolveRequest, VirtualPackage
from rattler import Gateway, GenericVirtualPackage, MatchSpec, PackageName, RepoDataRecord, Subdir, Version
from rattler import solve as rattler_solve
from rattler.channel.channel_priority import ChannelPriority
from rattler.exceptions import GatewayError, InvalidMatchSpecError, SolverError
from rattler.networking.client import Client
from rattler.package import BuildString
from records import Link, described, in_order


async def solve(request: SolveRequest) -> dict[str, Any]:
    use_credentials(request.credentials)
    http = client(configuration())
    try:
        return await asyncio.wait_for(_answer(request, http), request.timeout_s)
    except asyncio.TimeoutError:
        raise Failure("timeout", f"no solution within {request.timeout_s:g} seconds") from None


async def _answer(request: SolveRequest, http: Client) -> dict[str, Any]:
    records = in_order(await solved(request, http))
    distributions = await Distributions(request.cache, http, request.offline).of_all(records)
    return {"packages": [described(record, found) for record, found in zip(records, distributions, strict=True)]}


async def solved(request: SolveRequest, http: Client) -> list[RepoDataRecord]:
    """The records that fit together. A `Failure` says why there are none."""
    written = Channels.of(request.channels, request.channel_alias)
    specs = [written.resolved(spec) for spec in request.specs]
    channels = written.with_those_of(specs)
    parsed = [parse(spec, original) for spec, original in zip(specs, request.specs, strict=True)]

    async def ask(sharded: bool) -> list[RepoDataRecord]:
        progress = sys.stderr.isatty()
        search = Search(request, channels, gateway(request.cache, http, request.offline, sharded, progress))
        try:
            return await search.records(parsed, await search.preferred())
        except SolverError as error:
            if "timeout" in str(error):
                raise asyncio.TimeoutError from None
            raise await unsolvable(search, parsed, relevant(str(error))) from None

    try:
        return await with_or_without_shards(ask)
    except GatewayError as error:
        raise channel_failure(error, channels.bare_addresses()) or error from None


def parse(spec: str, original: str) -> MatchSpec:
    # Not strictly: `name=version=build` is what exports and people write.
    try:
        return MatchSpec(spec, strict=False)
    except InvalidMatchSpecError as error:
        raise Failure("spec", f"{original}: {error}", spec=original) from None


@dataclass
class Search:
    """One search in a set of channels. Repodata is read once, however often it is asked."""

    request: SolveRequest
    channels: Channels
    gateway: Gateway

    def __post_init__(self) -> None:
        self._end = time.monotonic() + self.request.timeout_s

    @property
    def platforms(self) -> list[Subdir]:
        return [Subdir(self.request.platform), Subdir("noarch")]

    @property
    def seconds_left(self) -> float:
        return max(0.0, self._end - time.monotonic())

    async def records(self, specs: list[MatchSpec], preferred: list[RepoDataRecord]) -> list[RepoDataRecord]:
        return await rattler_solve(
            self.channels.sources(),
            specs,
            gateway=self.gateway,
            platforms=self.platforms,
            locked_packages=preferred,
            virtual_packages=[generic(each) for each in self.request.virtual_packages],
            channel_priority=ChannelPriority.Strict,
            timeout=datetime.timedelta(seconds=self.seconds_left),
        )

    async def preferred(self) -> list[RepoDataRecord]:
        """The locked packages as their channels know them: a line alone says nothing of what it needs."""
        if not self.request.locked:
            return []
        links = [Link.of(line) for line in self.request.locked]
        candidates = await self.candidates(sorted({link.name for link in links}))
        return [
            record
            for link in links
            if (record := next((each for each in candidates.get(link.name, []) if link.describes(each)), None))
        ]

    async def candidates(self, names: list[str]) -> dict[str, list[RepoDataRecord]]:
        """All that the channels have of these names."""
        answers = await self.gateway.query(self.channels.sources(), self.platforms, names, recursive=False)
        found: dict[str, list[RepoDataRecord]] = {name: [] for name in names}
        for record in (record for answer in answers for record in answer):
            found.setdefault(record.name.normalized, []).append(record)
        return found

    async def names(self) -> set[str]:
        known = await self.gateway.names(self.channels.sources(), self.platforms)
        return {name.normalized for name in known}


def generic(package: VirtualPackage) -> GenericVirtualPackage:
    return GenericVirtualPackage(
        PackageName(package.name), Version(package.version), BuildString.new_unchecked(package.build)
    )
