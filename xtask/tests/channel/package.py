"""A conda package, and how it is written: the same bytes in every run."""

import hashlib
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from zstandard_frame import stored

# What a file says where the path of the environment belongs: as long as conda-build's, so that any prefix fits.
PLACEHOLDER = "/opt/" + "placeholder_" * 20

# 14 November 2023: a day for everything that wants one.
SECONDS = 1_700_000_000
ZIP_DATE = (2023, 11, 14, 0, 0, 0)

ARCHITECTURES = {"linux-64": "x86_64", "linux-aarch64": "aarch64", "osx-arm64": "arm64"}


@dataclass(frozen=True)
class File:
    data: bytes
    executable: bool = False
    # How the placeholder in it is replaced, for a file that has one.
    prefix: Literal["text", "binary"] | None = None


@dataclass(frozen=True)
class Link:
    target: str


Content = Mapping[str, File | Link]


def text(content: str, executable: bool = False) -> File:
    return File(content.encode(), executable, "text" if PLACEHOLDER in content else None)


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    build: str
    subdir: str
    content: Content = field(default_factory=dict)
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    noarch: Literal["python", "generic"] | None = None
    entry_points: tuple[str, ...] = ()
    # Solvers take a package with a feature to be worse than any without.
    feature: str = ""
    summary: str = ""
    archive: Literal[".conda", ".tar.bz2"] = ".conda"

    @property
    def stem(self) -> str:
        return f"{self.name}-{self.version}-{self.build}"

    @property
    def build_number(self) -> int:
        number = re.search(r"(?:^|_)(\d+)(?:_cpython)?$", self.build)
        return int(number[1]) if number else 0

    def write(self, channel: Path) -> None:
        path = channel / self.subdir / (self.stem + self.archive)
        path.parent.mkdir(parents=True, exist_ok=True)
        information = {f"info/{name}": File(it.encode()) for name, it in self._information().items()}
        if self.archive == ".tar.bz2":
            # Nobody waits for the last percent.
            with tarfile.open(path, "w:bz2", compresslevel=1) as archive:
                _fill(archive, information | dict(self.content))
            return
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as outer:
            outer.writestr(_entry("metadata.json"), '{"conda_pkg_format_version": 2}')
            outer.writestr(_entry(f"pkg-{self.stem}.tar.zst"), stored(_tar(self.content)))
            outer.writestr(_entry(f"info-{self.stem}.tar.zst"), stored(_tar(information)))

    def _information(self) -> dict[str, str]:
        texts = {
            "index.json": json.dumps(self._index(), indent=1),
            "paths.json": json.dumps({"paths_version": 1, "paths": list(self._paths())}, indent=1),
            "files": "".join(f"{path}\n" for path in sorted(self.content)),
            "about.json": json.dumps({"summary": self.summary} if self.summary else {}),
        }
        if self.noarch == "python":
            noarch = {"type": "python", "entry_points": list(self.entry_points)}
            texts["link.json"] = json.dumps({"package_metadata_version": 1, "noarch": noarch})
        return texts

    def _index(self) -> dict[str, object]:
        index: dict[str, object] = {
            "name": self.name,
            "version": self.version,
            "build": self.build,
            "build_number": self.build_number,
            "depends": list(self.depends),
            "license": "BSD-3-Clause",
            "subdir": self.subdir,
            "timestamp": SECONDS * 1000,
        }
        if self.constrains:
            index["constrains"] = list(self.constrains)
        if self.feature:
            index["track_features"] = self.feature
        if self.noarch:
            index["noarch"] = self.noarch
        else:
            index["platform"] = self.subdir.partition("-")[0]
            index["arch"] = ARCHITECTURES[self.subdir]
        return index

    def _paths(self) -> Iterator[dict[str, object]]:
        for path, it in sorted(self.content.items()):
            data = it.data if isinstance(it, File) else b""
            entry: dict[str, object] = {
                "_path": path,
                "path_type": "hardlink" if isinstance(it, File) else "softlink",
                "sha256": hashlib.sha256(data).hexdigest(),
                "size_in_bytes": len(data),
            }
            if isinstance(it, File) and it.prefix:
                entry |= {"prefix_placeholder": PLACEHOLDER, "file_mode": it.prefix}
            yield entry


def write_all(packages: Iterable[Package], channel: Path) -> None:
    # A channel without this folder is none.
    (channel / "noarch").mkdir(parents=True, exist_ok=True)
    for package in packages:
        package.write(channel)


def _entry(name: str) -> zipfile.ZipInfo:
    return zipfile.ZipInfo(name, ZIP_DATE)


def _tar(content: Content) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        _fill(archive, content)
    return buffer.getvalue()


def _fill(archive: tarfile.TarFile, content: Content) -> None:
    for path, it in sorted(content.items()):
        entry = tarfile.TarInfo(path)
        entry.mtime = SECONDS
        if isinstance(it, Link):
            entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, it.target, 0o777
            archive.addfile(entry)
        else:
            entry.size, entry.mode = len(it.data), 0o755 if it.executable else 0o644
            archive.addfile(entry, io.BytesIO(it.data))
