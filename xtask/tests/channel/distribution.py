"""Python distributions as conda packages bring them: installed by conda, says their `.dist-info`."""

import base64
import hashlib
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

from package import Content, File, text

# Where noarch packages have it; installers put it where the environment's Python looks.
ANYWHERE = "site-packages"


def in_python(minor: str) -> str:
    return f"lib/python{minor}/site-packages"


def made_up(folder: str, name: str, version: str, code: str, requires: Iterable[str] = ()) -> Content:
    """One module and its metadata."""
    information = f"{folder}/{name.replace('-', '_')}-{version}.dist-info"
    requirements = "".join(f"Requires-Dist: {it}\n" for it in requires)
    return _recorded(
        folder,
        information,
        {
            f"{folder}/{name.replace('-', '_')}/__init__.py": text(code),
            f"{information}/METADATA": text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requirements}"),
            f"{information}/WHEEL": text("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
        },
    )


def of_wheel(folder: str, wheel: Path) -> Content:
    with zipfile.ZipFile(wheel) as archive:
        files = {f"{folder}/{it}": File(archive.read(it)) for it in archive.namelist() if not it.endswith("/")}
    [record] = [path for path in files if _is_own(path, "RECORD")]
    del files[record]
    return _recorded(folder, record.removesuffix("/RECORD"), files)


def commands_of(content: Content) -> tuple[str, ...]:
    """`NAME = MODULE:FUNCTION` for each command, where there are any."""
    for path, it in content.items():
        if _is_own(path, "entry_points.txt") and isinstance(it, File):
            scripts = re.search(r"\[console_scripts\]([^\[]*)", it.data.decode())
            return tuple(filter(None, map(str.strip, scripts[1].splitlines()))) if scripts else ()
    return ()


def _is_own(path: str, name: str) -> bool:
    """Whether this is the distribution's own metadata, and not that of one that it brings along, as setuptools does."""
    return bool(re.search(rf"(^|/)site-packages/[^/]+\.dist-info/{re.escape(name)}$", path))


def _recorded(folder: str, information: str, files: dict[str, File]) -> Content:
    files[f"{information}/INSTALLER"] = text("conda\n")
    record = f"{information}/RECORD"
    lines = [f"{path.removeprefix(folder + '/')},{_checksum(it)},{len(it.data)}" for path, it in sorted(files.items())]
    files[record] = text("\n".join([*lines, f"{record.removeprefix(folder + '/')},,"]) + "\n")
    return files


def _checksum(it: File) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(it.data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"
