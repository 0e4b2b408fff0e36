"""conda-meta/history, in conda's format: what each change added, removed and asked for."""

from __future__ import annotations

import ast
import datetime
from collections.abc import Iterable

from channels import bare
from prefix import Installed, Prefix, write

# The time of an environment whose packages have none.
_EPOCH_MS = 1577836800000


def record_change(prefix: Prefix, requested: list[str], command: str) -> None:
    """Adds what has changed since the last entry, whoever has been interrupted in between."""
    path = prefix.metadata / "history"
    text = path.read_text() if path.exists() else ""
    packages = prefix.installed().values()
    before, asked_before = _state(text)
    now = {_line(package) for package in packages}
    if text and now == before and requested == asked_before:
        return
    entry = [f"==> {_newest(packages)} <=="]
    if command:
        entry.append(f"# cmd: {command}")
    entry += [f"-{line}" for line in sorted(before - now)]
    entry += [f"+{line}" for line in sorted(now - before)]
    dropped = sorted(set(asked_before) - set(requested))
    if dropped:
        entry.append(f"# remove specs: {dropped}")
    if requested:
        entry.append(f"# update specs: {requested}")
    write(path, text + "\n".join(entry) + "\n")


def _state(text: str) -> tuple[set[str], list[str]]:
    packages: set[str] = set()
    requested: list[str] = []
    for line in text.splitlines():
        if line.startswith("+"):
            packages.add(line[1:])
        elif line.startswith("-"):
            packages.discard(line[1:])
        elif line.startswith("# update specs: "):
            requested = ast.literal_eval(line.removeprefix("# update specs: "))
        elif line.startswith("# remove specs: "):
            requested = []
    return packages, requested


def _line(package: Installed) -> str:
    channel = bare(package.data["channel"]).removeprefix("https://conda.anaconda.org/")
    return f"{channel}/{package.subdir}::{package.stem}"


def _newest(packages: Iterable[Installed]) -> str:
    """The time of the newest package, and not of this run: the same list makes the same bytes."""
    newest = max((package.data.get("timestamp") or _EPOCH_MS for package in packages), default=_EPOCH_MS)
    moment = datetime.datetime.fromtimestamp(newest / 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%d %H:%M:%S")
