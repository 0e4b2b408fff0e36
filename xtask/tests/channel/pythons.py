"""Python itself, and what has a build for each Python."""

from collections.abc import Iterator
from dataclasses import dataclass

import cpython
from compiled import labext
from distribution import in_python, made_up, of_wheel
from libraries import LIBRARIES
from package import Content, Package
from system import RUNNING, needs_of
from wheels import Wheels


@dataclass(frozen=True)
class Python:
    version: str
    # Which solvers avoid as long as they can: this Python is only there to be solved for.
    feature: str = ""

    @property
    def minor(self) -> str:
        return self.version.rpartition(".")[0]

    @property
    def tag(self) -> str:
        return "py" + self.minor.replace(".", "")

    @property
    def abi(self) -> str:
        return f"python_abi {self.minor}.* *_cp{self.minor.replace('.', '')}"

    @property
    def range(self) -> str:
        major, minor = self.minor.split(".")
        return f"python >={self.minor},<{major}.{int(minor) + 1}.0a0"


RUNS = Python(cpython.VERSION)
PYTHONS = (RUNS, Python("3.12.1", feature="does_not_run"))


def abis() -> Iterator[Package]:
    for it in PYTHONS:
        yield Package(
            "python_abi",
            it.minor,
            f"8_cp{it.minor.replace('.', '')}",
            "noarch",
            constrains=(f"python {it.minor}.* *_cpython",),
            noarch="generic",
        )


def libraries(subdir: str) -> Iterator[Package]:
    for it in LIBRARIES:
        content = it.content() if subdir == RUNNING else {}
        yield Package(it.name, it.version, "h5eee18b_0", subdir, content, (*needs_of(subdir), *it.depends))


def interpreters(subdir: str, wheels: Wheels) -> Iterator[Package]:
    depends = (*needs_of(subdir), *(f"{it.name} >={it.version}" for it in LIBRARIES), "tzdata")
    for it in PYTHONS:
        runs = subdir == RUNNING and it is RUNS
        yield Package(
            "python",
            it.version,
            "h955ad1f_0_cpython",
            subdir,
            cpython.content([wheels.named("pip"), wheels.named("setuptools")]) if runs else {},
            depends,
            constrains=(it.abi,),
            feature=it.feature,
            summary="Debian's CPython" if runs else "Only to be solved for: it is empty, and does not run",
        )


def extensions(subdir: str, wheels: Wheels) -> Iterator[Package]:
    for python in PYTHONS:
        yield from _distributions(subdir, python, wheels)
        yield from _labext(subdir, python)


def _distributions(subdir: str, python: Python, wheels: Wheels) -> Iterator[Package]:
    """Names and builds as they are met: numpy's, pytorch's, jaxlib's, msgpack-python's."""
    folder = in_python(python.minor)

    def package(
        name: str, version: str, build: str, content: Content, depends: tuple[str, ...] = (), summary: str = ""
    ) -> Package:
        needs = (python.range, python.abi, *depends)
        return Package(name, version, build, subdir, content, needs, feature=python.feature, summary=summary)

    for version in ("1.26.4", "2.1.3"):
        for number, blas in enumerate(("mkl", "openblas")):
            code = f'__version__ = "{version}"\nblas = "{blas}"\n'
            # Two builds of one version, and nothing of the true numpy but its name.
            yield package(
                "numpy",
                version,
                f"{python.tag}_{blas}_{number}",
                made_up(folder, "numpy", version, code),
                ("libdemo >=1.2",),
                "numpy's name and versions, for solvers: it cannot calculate",
            )

    for kind, number, needs in (("cpu", 0, ()), ("cuda126", 1, ("__cuda >=12",))):
        content = made_up(folder, "demotorch", "2.6.0", f'kind = "{kind}"\n', ["numpy"])
        if needs and not subdir.startswith("linux"):
            continue
        yield package("demotorch", "2.6.0", f"{kind}_{python.tag}_{number}", content, ("numpy", *needs))

    markupsafe = (
        of_wheel(folder, wheels.named("markupsafe"))
        if subdir == RUNNING and python is RUNS
        else made_up(folder, "markupsafe", "3.0.2", '__version__ = "3.0.2"\n')
    )
    yield package("markupsafe", "3.0.2", f"{python.tag}h5eee18b_0", markupsafe)
    # The build does not begin with the Python that it is for.
    yield package("iniconfig", "1.1.1", f"cpu_{python.tag}_0", of_wheel(folder, wheels.named("iniconfig")))
    # The name is not that of the distribution.
    yield package("conda-pluggy", "1.5.0", f"{python.tag}h1_0", of_wheel(folder, wheels.named("pluggy")))


LABEXT = """\
import ctypes, pathlib, sys

__version__ = "{version}"
_library = ctypes.CDLL(str(pathlib.Path(sys.prefix, "lib", "liblabext.so")))
_library.labext_kind.restype = _library.labext_prefix.restype = ctypes.c_char_p
kind = _library.labext_kind().decode()
prefix = _library.labext_prefix().decode()
"""


def _labext(subdir: str, python: Python) -> Iterator[Package]:
    for version in ("1.0", "1.1"):
        for number, kind in enumerate(("plain", "fast")):
            code = LABEXT.format(version=version)
            content = dict(made_up(in_python(python.minor), "labext", version, code))
            if subdir == RUNNING:
                content["lib/liblabext.so"] = labext(kind)
            build = f"{python.tag}_{kind}_{number}"
            depends = (*needs_of(subdir), python.range, python.abi)
            yield Package("labext", version, build, subdir, content, depends, feature=python.feature)
