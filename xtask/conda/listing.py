"""`conda list`: what conda installed, and what pip or uv did."""

from __future__ import annotations

import json
import re
from typing import Any

from channels import bare
from pip_packages import pip_packages
from prefix import Prefix


def as_table(prefix: Prefix, pattern: str | None) -> str:
    rows = [(row["name"], row["version"], row["build_string"], row["channel"]) for row in _rows(prefix, pattern)]
    lines = [f"# packages in environment at {prefix.path}:", "#", _line(("# Name", "Version", "Build", "Channel"))]
    return "\n".join(lines + [_line(row) for row in rows])


def as_json(prefix: Prefix, pattern: str | None) -> str:
    return json.dumps(_rows(prefix, pattern), indent=2)


def _line(row: tuple[str, str, str, str]) -> str:
    name, version, build, channel = row
    return f"{name:<25} {version:<20} {build:>25}  {channel}".rstrip()


def _rows(prefix: Prefix, pattern: str | None) -> list[dict[str, Any]]:
    rows = [
        {
            "base_url": bare(package.data["channel"]).rpartition("/")[0],
            "build_number": package.data["build_number"],
            "build_string": package.data["build"],
            "channel": bare(package.data["channel"]).removeprefix("https://conda.anaconda.org/"),
            "dist_name": package.stem,
            "name": package.name,
            "platform": package.subdir,
            "version": package.data["version"],
        }
        for package in prefix.installed().values()
    ]
    rows += [
        {
            "base_url": "https://conda.anaconda.org/pypi",
            "build_number": 0,
            "build_string": "pypi_0",
            "channel": "pypi",
            "dist_name": f"{package.name}-{package.version}-pypi_0",
            "name": package.name,
            "platform": "pypi",
            "version": package.version,
        }
        for package in pip_packages(prefix)
    ]
    wanted = re.compile(pattern or "", re.IGNORECASE)
    return sorted((row for row in rows if wanted.search(str(row["name"]))), key=lambda row: str(row["name"]))
