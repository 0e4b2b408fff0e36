"""Packages made up to behave as the awkward ones of public channels do."""

import struct
from collections.abc import Iterator

from distribution import ANYWHERE, commands_of, made_up, of_wheel
from package import PLACEHOLDER, Content, File, Package, text
from system import RUNNING, needs_of
from wheels import Wheels


def everywhere(wheels: Wheels) -> Iterator[Package]:
    """What is for all platforms alike."""
    for name, version in (("pip", "25.1"), ("setuptools", "80.9.0"), ("wheel", "0.45.1")):
        depends = ("python >=3.9", *(("setuptools", "wheel") if name == "pip" else ()))
        yield _noarch_python(name, version, of_wheel(ANYWHERE, wheels.named(name)), depends)

    # Two names that are one on PyPI, as conda-forge has them.
    yield Package(
        "typing_extensions",
        "4.12.2",
        "pyha770c72_0",
        "noarch",
        of_wheel(ANYWHERE, wheels.named("typing_extensions")),
        ("python >=3.8",),
        noarch="python",
    )
    yield Package(
        "typing-extensions",
        "4.12.2",
        "hd8ed1ab_0",
        "noarch",
        depends=("typing_extensions 4.12.2 pyha770c72_0",),
        noarch="generic",
    )

    for version in ("1.9", "2.0"):
        yield demopkg(version, "pyhd8ed1ab_0", ("python >=3.8", "libdemo >=1"))
    # Nothing asks for the newer one: who has the older one keeps it.
    for version in ("1.0", "1.1"):
        content = made_up(ANYWHERE, "steady", version, f'__version__ = "{version}"\n')
        yield _noarch_python("steady", version, content, ("python >=3.8",))

    yield Package("tzdata", "2025b", "h78e105d_0", "noarch", {"share/zoneinfo/UTC": _utc()}, noarch="generic")
    certificates: Content = {"ssl/cacert.pem": text("# Nobody is trusted.\n")}
    yield Package("ca-certificates", "2025.8.3", "hbd8a1cb_0", "noarch", certificates, noarch="generic")


def demopkg(version: str, build: str, depends: tuple[str, ...]) -> Package:
    """A distribution with a command."""
    code = f'__version__ = "{version}"\n\n\ndef main():\n    print("demopkg", __version__)\n'
    content = made_up(ANYWHERE, "demopkg", version, code)
    commands = ("demopkg = demopkg:main",)
    return Package("demopkg", version, build, "noarch", content, depends, noarch="python", entry_points=commands)


def on(subdir: str) -> Iterator[Package]:
    """What has a build for each platform."""
    # One in the old form of package, one in the new.
    yield Package("libdemo", "1.2.3", "h7f98852_0", subdir, _libdemo("1.2.3"), needs_of(subdir), archive=".tar.bz2")
    yield Package("libdemo", "1.3.0", "h7f98852_0", subdir, _libdemo("1.3.0"), needs_of(subdir))

    tool = text(
        f'#!{PLACEHOLDER}/bin/python\nimport demopkg\n\nprint("demotool", demopkg.__version__)\n', executable=True
    )
    # Its version has an epoch.
    yield Package("demotool", "1!2.0", "h1_0", subdir, {"bin/demotool": tool}, ("python", "demopkg >=2", "libdemo"))

    yield _only_a_file("conflicta", subdir, depends=("libdemo 1.2.*",))
    yield _only_a_file("conflictb", subdir, depends=("libdemo >=1.3",))
    yield _only_a_file("oldlib", subdir, depends=("__glibc >=2.12",))
    yield _only_a_file("future", subdir, depends=("__glibc >=9.9",))

    yield _only_a_file("fastlib", subdir, build="v1_0")
    if subdir == RUNNING:
        yield _only_a_file("fastlib", subdir, build="v4_1", depends=("__archspec 1 x86_64_v4",))

    script = '#!/bin/sh\necho "linked in $PREFIX" >"$PREFIX/share/postlinker.txt"\n'
    linking: Content = {
        "bin/.postlinker-post-link.sh": text(script, executable=True),
        "share/postlinker-data": text("postlinker\n"),
    }
    yield Package("postlinker", "1.0", "0", subdir, linking)


def only_in_extra(subdir: str) -> Iterator[Package]:
    yield Package("libdemo", "1.2.9", "extra_0", subdir, {"lib/libdemo.txt": text("extra\n")})
    yield _only_a_file("onlyextra", subdir, depends=("libdemo",))


def _noarch_python(name: str, version: str, content: Content, depends: tuple[str, ...]) -> Package:
    commands = commands_of(content)
    return Package(name, version, "pyhd8ed1ab_0", "noarch", content, depends, noarch="python", entry_points=commands)


def _only_a_file(name: str, subdir: str, build: str = "0", depends: tuple[str, ...] = ()) -> Package:
    return Package(name, "1.0", build, subdir, {f"share/{name}.txt": text(f"{name} {build}\n")}, depends)


def _libdemo(version: str) -> Content:
    """Text and bytes that name the environment, and scripts that are run when it is activated."""
    return {
        "bin/demo-config": text(f"#!/bin/sh\necho {PLACEHOLDER}\n", executable=True),
        "lib/libdemo.txt": text(f"prefix={PLACEHOLDER}\nversion={version}\n"),
        "lib/libdemo.bin": File(b"\x7fDEMO\0" + PLACEHOLDER.encode() + b"/share/libdemo\0end\0", prefix="binary"),
        "etc/conda/activate.d/libdemo.sh": text(
            f"export LIBDEMO_ROOT={PLACEHOLDER}\nexport LIBDEMO_VERSION={version}\n"
        ),
        "etc/conda/deactivate.d/libdemo.sh": text("unset LIBDEMO_ROOT LIBDEMO_VERSION\n"),
    }


def _utc() -> File:
    """A time zone of one kind of time, with nothing added to it and no changes."""
    counts = struct.pack(">6l", 0, 0, 0, 0, 1, 4)
    return File(b"TZif" + bytes(16) + counts + struct.pack(">lBB", 0, 0, 0) + b"UTC\0")
