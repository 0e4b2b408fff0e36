"""What the machine that this runs on has: its C library, its driver, and a place for a cache."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from protocol import VirtualPackage


def virtual_packages(remembered: list[VirtualPackage]) -> list[VirtualPackage]:
    """What the environment was made for, with what is found here in its place."""
    by_name = {package.name: package for package in remembered}
    for name, variable, detect in (
        ("__glibc", "CONDA_OVERRIDE_GLIBC", _glibc),
        ("__cuda", "CONDA_OVERRIDE_CUDA", _cuda),
    ):
        override = os.environ.get(variable)
        version = detect() if override is None else override
        if version:
            by_name[name] = VirtualPackage(name, version)
        elif override is not None:
            # As conda has it: an empty override says that there is none.
            by_name.pop(name, None)
    return sorted(by_name.values(), key=lambda package: package.name)


def _glibc() -> str | None:
    try:
        library, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (ValueError, OSError):
        return None
    return version if library == "glibc" else None


def _cuda() -> str | None:
    """The newest CUDA that the driver can serve."""
    version = ctypes.c_int()
    try:
        if ctypes.CDLL("libcuda.so.1").cuDriverGetVersion(ctypes.byref(version)) != 0:
            return None
    except (OSError, AttributeError):
        return None
    return f"{version.value // 1000}.{version.value % 1000 // 10}"


@contextmanager
def writable_cache() -> Iterator[Path]:
    """The user's cache, or a folder for this once where the user has no home that can be written to."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    cache = Path(base) / "cargo-xtask" / "conda"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        usable = cache.is_absolute() and os.access(cache, os.W_OK)
    except OSError:
        usable = False
    if usable:
        yield cache
        return
    once = Path(tempfile.mkdtemp(prefix="conda-"))
    try:
        yield once
    finally:
        shutil.rmtree(once, ignore_errors=True)
