"""What a change by hand does to the environment, before it does it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from channels import Channels, bare
from distributions import Distributions
from environment import Environment, by_name, line_of
from installing import install
from network import client, configuration
from pip_packages import pip_packages
from prefix import Installed, Prefix
from protocol import Failure, InstallRequest, SolveRequest
from rattler import RepoDataRecord
from records import Link, in_order, needed_names
from solving import solved


@dataclass(frozen=True)
class Change:
    prefix: Prefix
    before: dict[str, str]
    request: InstallRequest

    @staticmethod
    def of(environment: Environment, request: InstallRequest) -> Change:
        before = {name: package.stem for name, package in environment.installed.items()}
        return Change(environment.prefix, before, request)

    @property
    def after(self) -> dict[str, str]:
        return {link.name: link.stem for link in map(Link.of, self.request.packages)}

    @property
    def is_nothing(self) -> bool:
        return self.before == self.after

    @property
    def touches_what_is_installed(self) -> bool:
        after = self.after
        return any(after.get(name) != stem for name, stem in self.before.items())

    def in_words(self) -> str:
        after = self.after
        lines = [
            _in_words(name, self.before.get(name), after.get(name))
            for name in sorted(self.before | after)
            if self.before.get(name) != after.get(name)
        ]
        return "\n".join(lines) or "nothing to change"

    async def carry_out(self) -> None:
        shared = bool(self.prefix.path.stat().st_mode & stat.S_IWGRP)
        if shared:
            os.umask(0o002)
        await install(self.request)
        if shared:
            _share(self.prefix, [name for name, stem in self.after.items() if self.before.get(name) != stem])


async def install_or_update(environment: Environment, specs: list[str], channels: list[str], update: bool) -> Change:
    asked = by_name([_checked(spec) for spec in specs])
    if update:
        _check_installed(asked, environment)
    requested = _requested(environment, asked, update)
    search = environment.to_solve(requested, channels, set(asked) if update else set())
    records = in_order(await solved(search, client(configuration())))
    await _check_pip_packages(environment, records)
    used = [channel for channel in channels if _comes_from(channel, records, search)]
    return Change.of(environment, environment.to_install(list(map(_line, records)), requested, used))


def removal(environment: Environment, names: list[str]) -> Change:
    """Removes the packages, what needs them, and what nobody needs afterwards. Nothing has to be solved for that."""
    asked = by_name(names)
    _check_installed(asked, environment)
    installed = environment.installed
    needs = {name: needed_names(package.data.get("depends", [])) for name, package in installed.items()}
    users = {name: {other for other in installed if name in needs[other]} for name in installed}
    gone = _reached(asked, users)
    requested = {name: spec for name, spec in environment.requested.items() if name not in gone}
    # Without a word of what was asked for, everything may have been.
    orphans = _reached(gone, needs) - _reached(requested, needs) if requested else set()
    left = [package for name, package in installed.items() if name not in gone | orphans]
    return Change.of(
        environment, environment.to_install([line_of(package) for package in left], list(requested.values()), [])
    )


def _requested(environment: Environment, asked: dict[str, str], update: bool) -> list[str]:
    """A bare name keeps what was asked for under it before."""
    requested = dict(environment.requested)
    for name, spec in asked.items():
        is_bare = spec.strip().lower() == name
        if not is_bare or not (update or name in requested):
            requested[name] = spec
    return list(requested.values())


def _checked(spec: str) -> str:
    if spec.endswith((".conda", ".tar.bz2")):
        raise Failure("spec", f"{spec}: packages come from channels, not from single files", spec=spec)
    return spec


def _comes_from(channel: str, records: list[RepoDataRecord], search: SolveRequest) -> bool:
    """A channel that gave nothing need not be remembered."""
    addresses = Channels.of([channel], search.channel_alias).bare_addresses()
    return any(bare(record.channel) in addresses for record in records)


def _check_installed(names: Iterable[str], environment: Environment) -> None:
    absent = [name for name in names if name not in environment.installed]
    if absent:
        raise Failure("other", f"not installed by conda: {', '.join(absent)}")


async def _check_pip_packages(environment: Environment, records: list[RepoDataRecord]) -> None:
    """Two owners of the same files would leave an environment that neither can repair."""
    theirs = {package.name: package for package in pip_packages(environment.prefix)}
    new = [record for record in records if not _is_installed(record, environment.installed)]
    if not theirs or not new:
        return
    found = await Distributions(environment.cache, client(configuration()), offline=False).of_all(new)
    for record, distributions in zip(new, found, strict=True):
        for distribution in distributions:
            package = theirs.get(distribution["name"])
            if package:
                raise Failure(
                    "other",
                    f"{package.installer} has installed {package.name} {package.version}, which "
                    f"{record.name.normalized} {record.version} would write over: remove it first, "
                    f"with `{_uninstall(package.installer)} {package.name}`",
                )


def _is_installed(record: RepoDataRecord, installed: Mapping[str, Installed]) -> bool:
    package = installed.get(record.name.normalized)
    return package is not None and Link.of(_line(record)).stem == package.stem


def _uninstall(installer: str) -> str:
    return "uv pip uninstall" if installer == "uv" else "pip uninstall"


def _reached(start: Iterable[str], edges: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = list(start)
    while ahead:
        name = ahead.pop()
        if name not in reached and name in edges:
            reached.add(name)
            ahead.extend(edges[name])
    return reached


def _line(record: RepoDataRecord) -> str:
    return f"{record.url}#sha256:{record.sha256.hex()}" if record.sha256 else record.url


def _in_words(name: str, old: str | None, new: str | None) -> str:
    version_and_build = [" ".join(stem.rsplit("-", 2)[1:]) if stem else "" for stem in (old, new)]
    if old and new:
        return f"  {name} {version_and_build[0]} -> {version_and_build[1]}"
    return f"  {'-' if old else '+'} {name} {''.join(version_and_build)}"


def _share(prefix: Prefix, names: list[str]) -> None:
    """Packages bring their own modes. What its group may change has to stay so, whoever of it made the change."""
    installed = prefix.installed()
    for name in names:
        for path in installed[name].files:
            file = prefix.path / path
            status = file.lstat()
            if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid():
                file.chmod(status.st_mode | (status.st_mode & stat.S_IRWXU) >> 3)
