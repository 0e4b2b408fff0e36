"""`conda` as people type it."""

import json
import subprocess
import tempfile
from pathlib import Path

import pytest

from conftest import Engine, Server, metadata


@pytest.fixture
def prefix(engine: Engine, lab: str, tmp_path: Path) -> Path:
    path = tmp_path / "env"
    engine.environment(path, lab, ["python=3.11", "demotool", "numpy=1.26", "pip"])
    return path


def test_install_adds_and_leaves_the_rest(engine: Engine, prefix: Path) -> None:
    done = engine.conda(prefix, "install", "steady=1.0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "  + steady 1.0 pyhd8ed1ab_0\n", "")
    assert metadata(prefix, "steady")["requested_specs"] == ["steady=1.0"]
    done = engine.conda(prefix, "install", "numpy", "steady")
    assert (done.returncode, done.stdout) == (0, "nothing to change\n")
    assert metadata(prefix, "numpy")["requested_specs"] == ["numpy=1.26"]
    history = (prefix / "conda-meta" / "history").read_text()
    assert "# cmd: conda\n" in history and "# update specs: ['python=3.11', 'demotool'," in history


def test_what_changes_what_is_installed_wants_a_yes(engine: Engine, prefix: Path) -> None:
    done = engine.conda(prefix, "install", "libdemo=1.2.3")
    assert done.returncode == 1 and "-y" in done.stderr
    assert done.stdout == "  libdemo 1.3.0 h7f98852_0 -> 1.2.3 h7f98852_0\n"
    assert metadata(prefix, "libdemo")["version"] == "1.3.0"
    assert engine.conda(prefix, "install", "-y", "libdemo=1.2.3").returncode == 0
    assert metadata(prefix, "libdemo")["version"] == "1.2.3"


def test_update_takes_a_newer_one(engine: Engine, prefix: Path, lab: str) -> None:
    engine.conda(prefix, "install", "steady=1.0")
    assert "nothing to change" in engine.conda(prefix, "update", "-y", "steady").stdout
    done = engine.conda(prefix, "update", "-y", "steady>=1.0")
    assert done.stdout == "  steady 1.0 pyhd8ed1ab_0 -> 1.1 pyhd8ed1ab_0\n"
    assert engine.conda(prefix, "update", "oldlib").stderr == "error: not installed by conda: oldlib\n"


def test_remove_takes_what_needs_it_and_what_nobody_needs(engine: Engine, prefix: Path) -> None:
    done = engine.conda(prefix, "remove", "demopkg")
    assert done.returncode == 1 and "-y" in done.stderr
    done = engine.conda(prefix, "uninstall", "-y", "demopkg")
    assert done.stdout == "  - demopkg 2.0 pyhd8ed1ab_0\n  - demotool 1!2.0 h1_0\n"
    # numpy needs libdemo too, until it goes as well.
    done = engine.conda(prefix, "remove", "-y", "numpy")
    gone = ["libdemo 1.3.0 h7f98852_0", "numpy 1.26.4 py311_openblas_1", "python_abi 3.11 8_cp311"]
    assert done.stdout.splitlines() == [f"  - {each}" for each in gone]
    assert not (prefix / "lib/libdemo.txt").exists()


def test_a_channel_for_once_is_remembered_if_it_gave_something(
    engine: Engine, prefix: Path, lab: str, extra: str
) -> None:
    engine.conda(prefix, "install", "-c", extra, "steady=1.0")
    remembered = prefix / "conda-meta" / "xtask"
    assert json.loads(remembered.read_text())["channels"] == [lab]
    assert engine.conda(prefix, "install", "-c", extra, "onlyextra").returncode == 0
    assert json.loads(remembered.read_text())["channels"] == [extra, lab]
    assert "nothing to change" in engine.conda(prefix, "install", "onlyextra").stdout


def test_packages_of_pip_in_the_way_are_named(engine: Engine, prefix: Path) -> None:
    metadata_of_pip = prefix / "lib/python3.11/site-packages/Steady-7.0.dist-info"
    metadata_of_pip.mkdir()
    (metadata_of_pip / "METADATA").write_text("Name: Steady\nVersion: 7.0\n")
    (metadata_of_pip / "INSTALLER").write_text("uv")
    done = engine.conda(prefix, "install", "steady")
    assert done.returncode == 1
    assert "uv has installed steady 7.0" in done.stderr and "`uv pip uninstall steady`" in done.stderr
    assert "pypi" in engine.conda(prefix, "list", "steady").stdout


def test_list(engine: Engine, prefix: Path, lab: str) -> None:
    lines = engine.conda(prefix, "list").stdout.splitlines()
    assert lines[0] == f"# packages in environment at {prefix}:"
    assert ["demotool", "1!2.0", "h1_0", lab] in [line.split() for line in lines]
    (row,) = json.loads(engine.conda(prefix, "list", "--json", "^demotool$").stdout)
    told = (row["name"], row["version"], row["build_string"], row["platform"])
    assert told == ("demotool", "1!2.0", "h1_0", "linux-64")


def test_errors_are_for_people(engine: Engine, prefix: Path) -> None:
    done = engine.conda(prefix, "install", "demotorc")
    assert done.returncode == 1 and "demotorch" in done.stderr and "Traceback" not in done.stderr
    done = engine.conda(prefix, "install", "demotorch=*=cuda*")
    assert "this machine does not have __cuda >=12" in done.stderr


def test_the_driver_of_the_machine_counts(engine: Engine, prefix: Path) -> None:
    engine.variables = {"CONDA_OVERRIDE_CUDA": "12.4"}
    done = engine.conda(prefix, "install", "demotorch")
    assert done.stdout == "  + demotorch 2.6.0 cuda126_py311_1\n"


@pytest.mark.parametrize(
    "arguments",
    ["env list", "create -n x", "install", "install -p /x steady", "install -n other steady", "install --freeze x", ""],
)
def test_what_it_cannot_do_it_says(engine: Engine, prefix: Path, arguments: str) -> None:
    done = engine.conda(prefix, *arguments.split())
    assert done.returncode == 1 and done.stdout == ""
    assert "dependencies/environment.yml" in done.stderr and len(done.stderr.splitlines()) == 1


def test_names_that_people_type_out_of_habit(engine: Engine, prefix: Path) -> None:
    assert engine.conda(prefix, "install", "-n", "base", "-yq", "steady").stdout == ""
    assert engine.conda(prefix, "--version").stdout.startswith("conda ")
    assert engine.conda(prefix, "install", "--help").returncode == 0


def test_anyone_of_the_group_can_change_it(engine: Engine, prefix: Path) -> None:
    subprocess.run(["chmod", "-R", "g+w", prefix], check=True)
    assert engine.conda(prefix, "install", "oldlib", "steady").returncode == 0
    closed = [path for path in prefix.rglob("*") if not path.is_symlink() and not path.stat().st_mode & 0o020]
    assert closed == []


def test_a_home_that_cannot_be_written_to(engine: Engine, prefix: Path) -> None:
    engine.variables = {"HOME": "/proc/nowhere"}
    assert engine.conda(prefix, "install", "oldlib").returncode == 0
    assert not list(Path(tempfile.gettempdir()).glob("conda-*/pkgs/oldlib*"))


def test_credentials_by_netrc(engine: Engine, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "env"
    channel = server.url("auth/lab")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password s3cret\n")
    engine.variables = {"NETRC": str(netrc)}
    engine.environment(path, channel, ["libdemo"])
    assert engine.conda(path, "install", "oldlib").stdout == "  + oldlib 1.0 0\n"
