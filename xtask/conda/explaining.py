"""What stands in the way of a solution, and what would help."""

from __future__ import annotations

import asyncio
import difflib
import re
from typing import TYPE_CHECKING, Any

from protocol import Failure
from rattler import MatchSpec, RepoDataRecord
from rattler.exceptions import SolverError

if TYPE_CHECKING:
    from solving import Search

_TRIED_AT_MOST = 8
_VERSIONS_AT_MOST = 10

_WITHOUT_CANDIDATES = re.compile(
    r"(?:No candidates were found for (?P<asked>[^\n]+?)\.?$"
    r"|[─ ](?P<needed>[^\s─][^\n─]*?), for which no candidates were found)",
    re.MULTILINE,
)


async def unsolvable(search: Search, specs: list[MatchSpec], message: str) -> Failure:
    message = message.removeprefix("Cannot solve the request because of: ").strip()
    without = [found["asked"] or found["needed"] for found in _WITHOUT_CANDIDATES.finditer(message)]
    virtual = sorted({spec for spec in without if spec.startswith("__")})
    asked_and_needed = {_name(spec): spec for spec in without if not spec.startswith("__")}
    asked_and_needed |= {name_of(spec): str(spec) for spec in specs if name_of(spec) in message}

    # The solver names one missing package at a time; people want all of them.
    names = {name_of(spec) for spec in specs} | set(asked_and_needed)
    candidates = await search.candidates(sorted(names))
    missing = sorted(name for name, found in candidates.items() if not found)
    details: dict[str, Any] = {}
    if missing:
        details["missing"] = _similar(missing, await search.names())
    versions = {
        name: _newest(candidates[name])
        for name, spec in asked_and_needed.items()
        if candidates.get(name) and not _any_matches(spec, candidates[name])
    }
    if versions:
        details["versions"] = versions
    if virtual:
        details["virtual"] = virtual
    try:
        # The time that is left is also needed to say all this.
        loosened = await asyncio.wait_for(_loosened(search, specs, message), search.seconds_left / 2)
    except asyncio.TimeoutError:
        loosened = []
    if loosened:
        details["loosened"] = loosened
    return Failure("unsolvable", message, **details)


def in_words(failure: Failure) -> str:
    """For a person at a terminal."""
    lines = [failure.message]
    for name, similar in failure.details.get("missing", {}).items():
        lines.append(f"no channel has {name}" + (f"; is it {' or '.join(similar)}?" if similar else ""))
    for name, versions in failure.details.get("versions", {}).items():
        lines.append(f"of {name} there is {', '.join(versions)}")
    for package in failure.details.get("virtual", []):
        lines.append(f"this machine does not have {package}")
    loosened = failure.details.get("loosened", [])
    if loosened and len(lines) == 1:
        lines.append(f"it would work without what is asked of {' or of '.join(loosened)}")
    return "\n".join(lines)


def name_of(spec: MatchSpec) -> str:
    name: str = spec.name.normalized
    return name


def _name(spec: str) -> str:
    return re.split(r"[\s\[=<>!~]", spec.rpartition("::")[2], maxsplit=1)[0].lower()


def _similar(missing: list[str], names: set[str]) -> dict[str, list[str]]:
    return {name: difflib.get_close_matches(name, sorted(names), n=3, cutoff=0.75) for name in missing}


def _newest(records: list[RepoDataRecord]) -> list[str]:
    by_version = {str(record.version): record.version for record in records}
    newest_first = sorted(by_version.items(), key=lambda each: each[1], reverse=True)
    return [text for text, _ in newest_first[:_VERSIONS_AT_MOST]]


def _any_matches(spec: str, records: list[RepoDataRecord]) -> bool:
    parsed = MatchSpec(spec, strict=False)
    return any(parsed.matches(record) for record in records)


async def _loosened(search: Search, specs: list[MatchSpec], message: str) -> list[str]:
    """Names whose constraint, or whose request, stands alone in the way."""
    suspects = sorted(specs, key=lambda spec: name_of(spec) not in message)
    found = []
    for suspect in suspects[:_TRIED_AT_MOST]:
        others = [spec for spec in specs if spec is not suspect]
        if await _solvable(search, [*others, MatchSpec(name_of(suspect))]) or await _solvable(search, others):
            found.append(name_of(suspect))
    return list(dict.fromkeys(found))


async def _solvable(search: Search, specs: list[MatchSpec]) -> bool:
    try:
        await search.records(specs, [])
    except SolverError:
        return False
    return True
