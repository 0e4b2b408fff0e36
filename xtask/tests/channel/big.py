"""A list of many records without packages: a channel of a public one's size, for measuring how long a solver takes."""

import hashlib
import json
import random
from pathlib import Path

from package import SECONDS
from zstandard_frame import stored

VERSIONS_OF_A_NAME = 20


def write_big(channel: Path, count: int) -> None:
    """`p0`, `p1` and so on, which need only packages of smaller numbers, so that everything can be solved."""
    records = dict(_record(number) for number in range(count))
    for subdir, packages in (("linux-64", records), ("noarch", {})):
        folder = channel / subdir
        folder.mkdir(parents=True, exist_ok=True)
        content = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": packages, "repodata_version": 1}
        data = json.dumps(content, separators=(",", ":")).encode()
        (folder / "repodata.json").write_bytes(data)
        (folder / "repodata.json.zst").write_bytes(stored(data))


def _record(number: int) -> tuple[str, dict[str, object]]:
    package, version = divmod(number, VERSIONS_OF_A_NAME)
    name, build = f"p{package}", "h0_0"
    file = f"{name}-1.{version}-{build}.conda"
    return file, {
        "build": build,
        "build_number": 0,
        "depends": _needs(package, version),
        "md5": hashlib.md5(file.encode()).hexdigest(),
        "name": name,
        "sha256": hashlib.sha256(file.encode()).hexdigest(),
        "size": 10_000 + number,
        "subdir": "linux-64",
        "timestamp": SECONDS * 1000 + number,
        "version": f"1.{version}",
    }


def _needs(package: int, version: int) -> list[str]:
    # The same in every run, and for all versions of a name much alike, as in truth.
    choice = random.Random(package)
    # Small numbers are needed much more often than great ones: some packages are below almost everything.
    needed = sorted({int(package * choice.random() ** 4) for _ in range(choice.randrange(8))} - {package})
    return ["__glibc >=2.17,<3.0.a0", *(f"p{it} >=1.{version // 2},<2.0a0" for it in needed)]
