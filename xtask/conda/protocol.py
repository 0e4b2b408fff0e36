"""Requests, answers and failures: one JSON object on stdin, one on stdout."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field
from pathlib import Path
from typing import Any, Literal

Kind = Literal["unsolvable", "channel", "spec", "timeout", "digest", "offline", "scripts", "other"]

_USER_INFO = re.compile(r"(?<=://)[^/\s@]+@")
_TOKEN = re.compile(r"(?P<host>https?://[^/\s]+)/t/[^/\s]+")


class Failure(Exception):
    """What the caller is told when the work cannot be done."""

    def __init__(self, kind: Kind, message: str, **details: Any) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = without_secrets(message)
        self.details = details

    def answer(self) -> dict[str, Any]:
        return {"error": {"kind": self.kind, "message": self.message, **self.details}}


@dataclass(frozen=True)
class VirtualPackage:
    name: str
    version: str
    build: str = "0"


@dataclass(frozen=True)
class SolveRequest:
    platform: str
    channels: list[str]
    specs: list[str]
    cache: Path
    virtual_packages: list[VirtualPackage] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    channel_alias: str = "https://conda.anaconda.org"
    offline: bool = False
    timeout_s: float = 300
    credentials: Path | None = None


@dataclass(frozen=True)
class DescribeRequest:
    packages: list[str]
    cache: Path
    channels: list[str] = field(default_factory=list)
    channel_alias: str = "https://conda.anaconda.org"
    offline: bool = False
    credentials: Path | None = None


@dataclass(frozen=True)
class InstallRequest:
    prefix: Path
    platform: str
    packages: list[str]
    cache: Path
    target_prefix: Path | None = None
    requested: list[str] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    channel_alias: str = "https://conda.anaconda.org"
    virtual_packages: list[VirtualPackage] = field(default_factory=list)
    offline: bool = False
    copy: bool = False
    bytecode: bool = True
    link_scripts: list[str] = field(default_factory=list)
    command: str = ""
    credentials: Path | None = None


def solve_request(data: Mapping[str, Any]) -> SolveRequest:
    return SolveRequest(**_fields(SolveRequest, data))


def describe_request(data: Mapping[str, Any]) -> DescribeRequest:
    return DescribeRequest(**_fields(DescribeRequest, data))


def install_request(data: Mapping[str, Any]) -> InstallRequest:
    request = InstallRequest(**_fields(InstallRequest, data))
    if not request.prefix.is_absolute():
        # A relative prefix would be written into the files as it is.
        raise Failure("other", f"the prefix has to be absolute: {request.prefix}")
    return request


def virtual_packages(data: Any) -> list[VirtualPackage]:
    return [VirtualPackage(**each) for each in data]


def _fields(of: type, data: Mapping[str, Any]) -> dict[str, Any]:
    known = of.__dataclass_fields__  # type: ignore[attr-defined]
    unknown = sorted(set(data) - set(known))
    if unknown:
        raise Failure("other", f"the request has unknown fields: {', '.join(unknown)}")
    fields = {name: value for name, value in data.items() if value is not None}
    for name in ("prefix", "target_prefix", "cache", "credentials"):
        if name in fields:
            fields[name] = Path(fields[name])
    if "virtual_packages" in fields:
        fields["virtual_packages"] = virtual_packages(fields["virtual_packages"])
    missing = [name for name, field in known.items() if _is_required(field) and name not in fields]
    if missing:
        raise Failure("other", f"the request lacks {', '.join(missing)}")
    return fields


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def read_request(file: str | None = None) -> dict[str, Any]:
    """The request in a file, or on standard input."""
    try:
        data = json.loads(Path(file).read_text(encoding="utf-8")) if file else json.load(sys.stdin)
    except (OSError, ValueError) as error:
        raise Failure("other", f"the request is no JSON: {error}") from None
    if not isinstance(data, dict):
        raise Failure("other", "the request is no JSON object")
    return data


def write_answer(answer: Mapping[str, Any]) -> None:
    # `json.dump` would encode in Python, and write every word of a long answer on its own.
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def without_secrets(text: str) -> str:
    """The text with neither user names and passwords nor tokens in its addresses."""
    return _TOKEN.sub(r"\g<host>", _USER_INFO.sub("", text))
