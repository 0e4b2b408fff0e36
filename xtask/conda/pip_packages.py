"""Distributions in the environment that did not come with a conda package."""

from __future__ import annotations

from dataclasses import dataclass

from distributions import in_paths
from prefix import Prefix


@dataclass(frozen=True)
class PipPackage:
    name: str
    version: str
    installer: str


def pip_packages(prefix: Prefix) -> list[PipPackage]:
    of_conda = {path for package in prefix.installed().values() for path in package.files}
    found = []
    for folder in sorted(prefix.path.glob("lib/python*/site-packages/*.dist-info")):
        metadata = (folder / "METADATA").relative_to(prefix.path).as_posix()
        if metadata in of_conda:
            continue
        for distribution in in_paths([metadata]):
            installer = folder / "INSTALLER"
            by = installer.read_text().strip() if installer.exists() else "pip"
            found.append(PipPackage(distribution["name"], distribution["version"], by))
    return found
