"""What `make` makes."""

import json
import subprocess
import sys
from pathlib import Path

from conftest import CHANNEL, make

# The only file that says when it was made: py-rattler has no way to tell it another time.
DATED = "repodata_shards.msgpack.zst"


def files(root: Path) -> dict[str, bytes]:
    paths = (it for it in root.rglob("*") if it.is_file() and it.name != DATED)
    return {str(it.relative_to(root)): it.read_bytes() for it in paths}


def records(made: Path, channel: str, subdir: str) -> dict[str, dict[str, object]]:
    repodata = json.loads((made / channel / subdir / "repodata.json").read_text())
    return {it.removesuffix(".conda"): record for it, record in repodata["packages.conda"].items()}


def test_two_runs_make_the_same_bytes(made: Path, tmp_path: Path) -> None:
    make(tmp_path)
    first, second = files(made), files(tmp_path)
    assert [it for it in first.keys() | second.keys() if first.get(it) != second.get(it)] == []


def test_what_an_earlier_run_left_is_gone(tmp_path: Path) -> None:
    leftover = tmp_path / "lab" / "noarch" / "old-1.0-0.conda"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"not a package")
    make(tmp_path)
    assert not leftover.exists()


def test_a_channel_is_small(made: Path) -> None:
    assert sum(map(len, files(made).values())) < 60_000_000


def test_all_platforms_have_the_same_names(made: Path) -> None:
    names = [{it["name"] for it in records(made, "lab", subdir).values()} for subdir in ("linux-64", "linux-aarch64")]
    assert names[0] == names[1]
    assert names[0] >= {it["name"] for it in records(made, "lab", "osx-arm64").values()} - {"demotorch"}


def test_the_awkward_ones_are_there(made: Path) -> None:
    here = records(made, "lab", "linux-64")
    assert "demotool-1!2.0-h1_0" in here
    assert here["demotorch-2.6.0-cuda126_py311_1"]["depends"][-1] == "__cuda >=12"  # type: ignore[index]
    assert here["python-3.12.1-h955ad1f_0_cpython"]["track_features"] == "does_not_run"
    assert {it for it in here if it.startswith("numpy-1.26.4-py311")} == {
        "numpy-1.26.4-py311_mkl_0",
        "numpy-1.26.4-py311_openblas_1",
    }
    twin = records(made, "lab", "noarch")["typing-extensions-4.12.2-hd8ed1ab_0"]
    assert twin["depends"] == ["typing_extensions ==4.12.2 pyha770c72_0"]
    assert (made / "lab" / "linux-64" / "libdemo-1.2.3-h7f98852_0.tar.bz2").is_file()
    assert "onlyextra-1.0-0" in records(made, "extra", "linux-64")


def test_a_big_channel_has_as_many_records_as_asked_for(tmp_path: Path) -> None:
    make(tmp_path, "--big", "1000")
    assert len(records(tmp_path, "big", "linux-64")) == 1000
    assert not (tmp_path / "lab").exists()


def test_what_is_missing_is_said_in_a_sentence(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name in (CHANNEL / "wheels.py").read_text().split('"'):
        if name.endswith(".whl"):
            (wheels / name).write_bytes(b"another wheel")
    command: list[str | Path] = [sys.executable, CHANNEL, "make", tmp_path / "out", "--wheels", wheels]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"error: {wheels / 'MarkupSafe'}")
    assert ended.stderr.endswith(": remove it\n")
