"""Debian's CPython 3.11 as a conda package has it: it runs in any prefix, and installs into `site-packages`."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import debian
from elf import with_search_path, without_frozen_module
from package import PLACEHOLDER, Content, File, Link, text

VERSION = "3.11.2"

PACKAGES = ("python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib", "python3.11-venv")
EXECUTABLE = "bin/python3.11"
LIBRARY = "lib/python3.11"

# Debian's own rules, tests, and modules for libraries that no other package of the channel has.
LEFT_OUT = re.compile(
    rf"{LIBRARY}/(EXTERNALLY-MANAGED|LICENSE\.txt|sitecustomize\.py|_distutils_system_mod\.py|test/"
    r"|lib-dynload/(_crypt|_ctypes_test|_dbm|_test|_xxtest|nis|ossaudiodev|xx))"
)

Edit = Callable[[str], str]


def content(wheels: list[Path]) -> Content:
    """The files of a prefix. `wheels` are what `ensurepip` installs."""
    files: dict[str, File | Link] = {
        "bin/python": Link("python3.11"),
        "bin/python3": Link("python3.11"),
    }
    for package in PACKAGES:
        for path in debian.files_of(package):
            name = str(path.relative_to("/usr")) if path.is_relative_to("/usr") else ""
            if name.startswith((EXECUTABLE, LIBRARY + "/")) and not LEFT_OUT.match(name):
                files[name] = _made_movable(name, path)
    for wheel in wheels:
        files[f"share/python-wheels/{wheel.name}"] = File(wheel.read_bytes())
    return files


def _made_movable(name: str, path: Path) -> File | Link:
    if path.is_symlink():
        return Link(os.readlink(path))
    if name == EXECUTABLE:
        # Debian's `site` is in the executable as well, and the file that is edited below would not be read.
        executable = without_frozen_module(path.read_bytes(), "site")
        return File(with_search_path(executable, "$ORIGIN/../lib"), executable=True)
    edit = EDITS.get(name.removeprefix(LIBRARY + "/"))
    if edit:
        return text(edit(path.read_text()))
    return File(path.read_bytes(), executable=os.access(path, os.X_OK))


def _replaced(old: str, new: str) -> Edit:
    def edit(code: str) -> str:
        if old not in code:
            raise debian.Missing(f"this Python is not Debian's: {old!r} is not where it is expected")
        return code.replace(old, new)

    return edit


def _cut(start: str, end: str) -> Edit:
    """Takes out everything from `start` up to `end`, which stays."""

    def edit(code: str) -> str:
        first = code.find(start)
        last = code.find(end, first)
        if first < 0 or last < 0:
            raise debian.Missing(f"this Python is not Debian's: {start!r} is not where it is expected")
        return code[:first] + code[last:]

    return edit


def _both(first: Edit, second: Edit) -> Edit:
    return lambda code: second(first(code))


# Debian lets its Python install into `local` and `dist-packages`, and only virtual environments into `site-packages`.
EDITS: dict[str, Edit] = {
    "_sysconfigdata__x86_64-linux-gnu.py": lambda code: re.sub(r"'/usr(?=['/ ])", f"'{PLACEHOLDER}", code),
    "distutils/command/install.py": _replaced('self.select_scheme("unix_local")', 'self.select_scheme("unix_prefix")'),
    "distutils/sysconfig.py": _replaced("dist-packages", "site-packages"),
    "ensurepip/__init__.py": _both(
        _cut("def _ensurepip_is_disabled_in_debian_for_system", "__all__ ="),
        _cut("    _ensurepip_is_disabled_in_debian_for_system()", "    if altinstall"),
    ),
    "site.py": _both(
        _cut("            if is_virtual_environment:", "            # this one is deprecated for Debian"),
        _replaced("dist-packages", "site-packages"),
    ),
    "sysconfig.py": _both(
        _cut("    'deb_system': {", "    'posix_home': {"),
        _replaced("'prefix': prefix_scheme,", "'prefix': 'posix_prefix',"),
    ),
}
