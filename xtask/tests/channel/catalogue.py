"""Which packages are in which channel."""

from collections.abc import Iterable, Iterator

import pythons
import samples
from package import Package
from system import SUBDIRS
from wheels import Wheels


def channels(wheels: Wheels) -> dict[str, Iterable[Package]]:
    return {"lab": _lab(wheels), "extra": _extra()}


def _lab(wheels: Wheels) -> Iterator[Package]:
    yield from pythons.abis()
    yield from samples.everywhere(wheels)
    for subdir in SUBDIRS:
        yield from pythons.libraries(subdir)
        yield from pythons.interpreters(subdir, wheels)
        yield from pythons.extensions(subdir, wheels)
        yield from samples.on(subdir)


def _extra() -> Iterator[Package]:
    """Names that `lab` has as well, in versions that it has not, and one that only this channel has."""
    yield samples.demopkg("2.1", "pyextra_0", ("python >=3.8",))
    for subdir in SUBDIRS:
        yield from samples.only_in_extra(subdir)
