"""Lines of a lock, records of a channel, and how one becomes the other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from channels import bare
from protocol import Failure
from rattler import PackageRecord, RepoDataRecord
from rattler.package import BuildString

_ARCHIVE = re.compile(r"\.(conda|tar\.bz2)$")


@dataclass(frozen=True)
class Link:
    """One line of an explicit list: an address, and a digest where the line has one."""

    url: str
    sha256: bytes | None = None
    md5: bytes | None = None
    # Where it has been downloaded to, if it has been already.
    archive: Path | None = None

    @staticmethod
    def of(line: str) -> Link:
        url, _, digest = line.strip().partition("#")
        if not _ARCHIVE.search(url):
            raise Failure("spec", f"not the address of a conda package: {url}", spec=line)
        try:
            if digest.startswith("sha256:"):
                return Link(url, sha256=bytes.fromhex(digest.removeprefix("sha256:")))
            return Link(url, md5=bytes.fromhex(digest.removeprefix("md5:")) or None)
        except ValueError:
            raise Failure("spec", f"not a digest: {digest}", spec=line) from None

    @property
    def file_name(self) -> str:
        # Addresses have the `!` of an epoch encoded at times.
        return unquote(self.url.rsplit("/", 1)[1])

    @property
    def stem(self) -> str:
        """NAME-VERSION-BUILD"""
        return _ARCHIVE.sub("", self.file_name)

    @property
    def subdir(self) -> str:
        return self.url.rsplit("/", 2)[1]

    @property
    def channel(self) -> str:
        return self.url.rsplit("/", 2)[0]

    @property
    def name(self) -> str:
        return self.parts()[0]

    def parts(self) -> tuple[str, str, str]:
        parts = self.stem.rsplit("-", 2)
        if len(parts) != 3:
            raise Failure("spec", f"not the name of a conda package: {self.file_name}", spec=self.url)
        return parts[0], parts[1], parts[2]

    def local_path(self) -> Path | None:
        address = urlsplit(self.url)
        return Path(unquote(address.path)) if address.scheme == "file" else None

    def record(self) -> RepoDataRecord:
        """Enough to fetch and link the package. The rest is in the package itself."""
        name, version, build = self.parts()
        record = PackageRecord(
            name=name,
            version=version,
            build=BuildString.new_unchecked(build),
            build_number=0,
            subdir=self.subdir,
            sha256=self.sha256,
            md5=self.md5,
        )
        url = self.archive.as_uri() if self.archive else self.url
        return RepoDataRecord(record, self.file_name, url, self.channel)

    def describes(self, record: RepoDataRecord) -> bool:
        if self.sha256 and record.sha256:
            return self.sha256 == record.sha256
        if self.md5 and record.md5:
            return self.md5 == record.md5
        return bare(unquote(self.url)) == bare(unquote(record.url))


def described(record: RepoDataRecord, distributions: list[dict[str, str]]) -> dict[str, Any]:
    """The record as an answer tells it."""
    return {
        "name": record.name.normalized,
        "version": str(record.version),
        "build": str(record.build),
        "build_number": record.build_number,
        "channel": bare(record.channel),
        "subdir": record.subdir,
        "url": bare(record.url),
        "file_name": record.file_name,
        "sha256": record.sha256.hex() if record.sha256 else None,
        "md5": record.md5.hex() if record.md5 else None,
        "size": record.size,
        "depends": list(record.depends),
        "constrains": list(record.constrains),
        "noarch": noarch(record),
        "features": record.features,
        "track_features": list(record.track_features),
        "python_site_packages_path": record.python_site_packages_path,
        "license": record.license,
        "license_family": record.license_family,
        "timestamp": int(record.timestamp.timestamp() * 1000) if record.timestamp else None,
        "distributions": distributions,
    }


def noarch(record: PackageRecord) -> str | None:
    if record.noarch.python:
        return "python"
    return "generic" if record.noarch.generic else None


def needed_names(depends: list[str]) -> set[str]:
    return {re.split(r"[\s=<>!~\[]", spec, maxsplit=1)[0] for spec in depends}


def in_order(records: list[RepoDataRecord]) -> list[RepoDataRecord]:
    """Each record behind those that it needs."""
    by_name = {record.name.normalized: record for record in records}
    ordered = PackageRecord.sort_topologically(list(records))
    return [by_name[record.name.normalized] for record in ordered]
