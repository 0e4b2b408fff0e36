"""The environment that a person changes by hand: what was asked for, from where, and what is in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import surroundings
from channels import Channels, bare
from explaining import name_of
from prefix import Installed, Prefix
from protocol import InstallRequest, SolveRequest, VirtualPackage, virtual_packages
from rattler import Subdir
from solving import parse


@dataclass(frozen=True)
class Environment:
    prefix: Prefix
    cache: Path

    @cached_property
    def installed(self) -> dict[str, Installed]:
        return self.prefix.installed()

    @cached_property
    def requested(self) -> dict[str, str]:
        """Names, and what was asked for in full."""
        return by_name(self.prefix.remembered().get("requested", []))

    def to_solve(self, specs: list[str], first: list[str], free: set[str]) -> SolveRequest:
        """A search that looks into the channels `first` before the others, and leaves all but the `free` alone."""
        channels = [*first, *self._channels()]
        known = Channels.of(channels, self._alias).bare_addresses()
        # A package that came from elsewhere has to be found there to stay.
        others = {bare(package.data["channel"]) for package in self.installed.values()} - set(known)
        return SolveRequest(
            platform=self._platform,
            channels=[*channels, *sorted(others)],
            channel_alias=self._alias,
            specs=specs,
            locked=[line_of(package) for name, package in self.installed.items() if name not in free],
            cache=self.cache,
            virtual_packages=surroundings.virtual_packages(self._virtual_packages()),
        )

    def to_install(self, lines: list[str], requested: list[str], first: list[str]) -> InstallRequest:
        return InstallRequest(
            prefix=self.prefix.path,
            platform=self._platform,
            packages=lines,
            requested=requested,
            channels=list(dict.fromkeys([*first, *self._channels()])),
            channel_alias=self._alias,
            virtual_packages=self._virtual_packages(),
            link_scripts=self.prefix.remembered().get("link_scripts", []),
            cache=self.cache,
            # The environment may be shared with others, who may not reach this cache.
            copy=True,
            command="conda",
        )

    @property
    def _platform(self) -> str:
        return str(self.prefix.remembered().get("platform", Subdir.current()))

    @property
    def _alias(self) -> str:
        return str(self.prefix.remembered().get("channel_alias", SolveRequest.channel_alias))

    def _channels(self) -> list[str]:
        return list(self.prefix.remembered().get("channels", ["conda-forge"]))

    def _virtual_packages(self) -> list[VirtualPackage]:
        return virtual_packages(self.prefix.remembered().get("virtual_packages", []))


def by_name(specs: list[str]) -> dict[str, str]:
    return {name_of(parse(spec, spec)): spec for spec in specs}


def line_of(package: Installed) -> str:
    sha256 = package.data.get("sha256")
    return f"{package.data['url']}#sha256:{sha256}" if sha256 else str(package.data["url"])
