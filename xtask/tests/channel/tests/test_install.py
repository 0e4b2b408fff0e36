"""What the packages do once they are installed, by py-rattler, in a prefix with a name of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import WHEELS

INSTALL = Path(__file__).with_name("install.py")
SPECS = [
    "python",
    "pip",
    "demotool",
    "labext",
    "markupsafe",
    "iniconfig",
    "conda-pluggy",
    "typing-extensions",
    "oldlib",
]


def solved(channel: Path, *specs: str, prefix: str = "-") -> dict[str, str]:
    command: list[str | Path] = [sys.executable, INSTALL, channel.as_uri(), prefix, *specs]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return {name: f"{version} {build}" for name, version, build in map(str.split, lines)}


def said(*command: str | Path) -> str:
    """Without what the caller's environment tells Python and the loader of libraries."""
    clean = {name: it for name, it in os.environ.items() if not name.startswith(("PYTHON", "LD_"))}
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=clean).stdout


@pytest.fixture(scope="module")
def prefix(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = (
        tmp_path_factory.mktemp("prefix") / "of-a-name-that-is-longer-than-any-place-that-a-Python-was-made-for" / "env"
    )
    solved(made / "lab", *SPECS, prefix=str(path))
    return path


def test_python_has_its_own_prefix_and_all_its_modules(prefix: Path) -> None:
    code = "import sys, bz2, ctypes, curses, lzma, readline, sqlite3, ssl, uuid, zlib; print(sys.prefix, sys.version)"
    assert said(prefix / "bin/python", "-c", code).startswith(f"{prefix} 3.11.2 ")


def test_its_libraries_are_those_of_the_packages(prefix: Path) -> None:
    code = "import ssl, sqlite3, lzma, bz2, readline, ctypes; print(open('/proc/self/maps').read())"
    loaded = {line.split()[-1] for line in said(prefix / "bin/python", "-c", code).splitlines() if ".so" in line}
    outside = {Path(it).name for it in loaded if not it.startswith(f"{prefix}/")}
    assert outside == {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"}


def test_distributions_are_installed_where_it_looks_for_them(prefix: Path) -> None:
    site = prefix / "lib/python3.11/site-packages"
    code = "import site, sysconfig; print(*site.getsitepackages(), sysconfig.get_path('purelib'), sep='\\n')"
    assert said(prefix / "bin/python", "-c", code).splitlines() == [str(site), str(site)]

    said(prefix / "bin/python", "-m", "pip", "install", "--quiet", "--no-index", WHEELS / wheel_of("wheel"))
    assert (site / "wheel-0.45.1.dist-info").is_dir()


def test_it_makes_virtual_environments(prefix: Path, tmp_path: Path) -> None:
    said(prefix / "bin/python", "-m", "venv", tmp_path / "venv")
    listed = json.loads(said(tmp_path / "venv/bin/python", "-m", "pip", "list", "--format=json"))
    assert [it["name"] for it in listed] == ["pip", "setuptools"]


def test_it_compiles_its_library(prefix: Path) -> None:
    said(prefix / "bin/python", "-m", "compileall", "-q", prefix / "lib/python3.11")


def test_the_prefix_is_written_into_text_and_compiled_code(prefix: Path) -> None:
    assert said(prefix / "bin/python", "-c", "import labext; print(labext.kind, labext.prefix)") == (
        f"fast {prefix}/share/labext\n"
    )
    assert (prefix / "lib/libdemo.txt").read_text() == f"prefix={prefix}\nversion=1.3.0\n"
    assert (prefix / "lib/libdemo.bin").read_bytes().startswith(b"\x7fDEMO\0" + bytes(prefix) + b"/share/libdemo\0")


def test_commands_run(prefix: Path) -> None:
    assert said(prefix / "bin/demopkg") == "demopkg 2.0\n"
    assert said(prefix / "bin/demotool") == "demotool 2.0\n"
    assert said(prefix / "bin/python", "-c", "import markupsafe; print(markupsafe.escape('<'))") == "&lt;\n"


def test_what_does_not_run_is_chosen_only_by_name(made: Path) -> None:
    for specs in (["python"], ["numpy"], ["python>=3.11", "numpy"], ["demotorch"], ["labext", "pip"]):
        assert solved(made / "lab", *specs)["python"] == "3.11.2 h955ad1f_0_cpython"
    chosen = solved(made / "lab", "python=3.12", "numpy")
    assert (chosen["python"], chosen["numpy"]) == ("3.12.1 h955ad1f_0_cpython", "2.1.3 py312_openblas_1")


@pytest.mark.parametrize("specs", [["conflicta", "conflictb"], ["future"], ["demotorch=*=cuda*"], ["absent"]])
def test_what_cannot_be_solved_is_not(made: Path, specs: list[str]) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        solved(made / "lab", *specs)


def test_the_other_level_of_a_processor_is_not_taken_unasked(made: Path) -> None:
    assert solved(made / "lab", "fastlib")["fastlib"] == "1.0 v1_0"


def wheel_of(name: str) -> str:
    [file] = [it.name for it in WHEELS.glob(f"{name}-*.whl")]
    return file
