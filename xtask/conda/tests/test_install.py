"""What an environment is made of, and that the same list always makes the same."""

import hashlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import PROGRAM, Engine, Server, lines_of, metadata

SPECS = ["python=3.11", "demotool", "conda-pluggy"]


def python(prefix: Path, code: str) -> str:
    done = subprocess.run([prefix / "bin/python", "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def contents(prefix: Path) -> dict[str, str | bytes]:
    files = [path for path in prefix.rglob("*") if path.is_symlink() or path.is_file()]
    return {str(path.relative_to(prefix)): _content(path) for path in files}


def _content(path: Path) -> str | bytes:
    return os.readlink(path) if path.is_symlink() else path.read_bytes()


def test_an_environment_runs(engine: Engine, lab: str, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    answer = engine.environment(prefix, lab, SPECS)
    assert "demotool-1!2.0-h1_0" in answer["installed"] and answer["removed"] == [] and answer["kept"] == 0
    assert python(prefix, "import pluggy, sys; print(sys.prefix)") == str(prefix)
    for command in ("demotool", "demopkg"):
        done = subprocess.run([prefix / "bin" / command], capture_output=True, text=True, check=True)
        assert done.stdout == f"{command} 2.0\n"
    assert not (prefix / "CACHEDIR.TAG").exists()


def test_metadata_is_complete(engine: Engine, lab: str, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    engine.environment(prefix, lab, SPECS)
    found = metadata(prefix, "demopkg")
    assert found["depends"] == ["python >=3.8", "libdemo >=1"]
    assert (found["noarch"], found["channel"], found["fn"]) == ("python", lab, "demopkg-2.0-pyhd8ed1ab_0.conda")
    assert found["timestamp"] and found["sha256"] and found["license"]
    assert found["requested_specs"] == [] and found["link"]["source"] == ""
    assert metadata(prefix, "python")["requested_specs"] == ["python=3.11"]
    for path in (prefix / "conda-meta").iterdir():
        assert str(engine.cache) not in path.read_text()
        assert path.stat().st_mode & 0o444 == 0o444

    remembered = json.loads((prefix / "conda-meta" / "xtask").read_text())
    assert remembered["requested"] == SPECS and remembered["channels"] == [lab]
    assert remembered["virtual_packages"] == [{"name": "__glibc", "version": "2.36", "build": "0"}]


def test_history_is_as_conda_writes_it(engine: Engine, lab: str, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    engine.environment(prefix, lab, ["libdemo=1.2.3"])
    engine.environment(prefix, lab, ["libdemo>=1.3"])
    lines = (prefix / "conda-meta" / "history").read_text().splitlines()
    time_of_package, command, *rest = lines
    assert time_of_package.startswith("==> ") and command == "# cmd: cargo xtask build"
    assert rest == [
        f"+{lab}/linux-64::libdemo-1.2.3-h7f98852_0",
        "# update specs: ['libdemo=1.2.3']",
        time_of_package,
        command,
        f"-{lab}/linux-64::libdemo-1.2.3-h7f98852_0",
        f"+{lab}/linux-64::libdemo-1.3.0-h7f98852_0",
        "# remove specs: ['libdemo=1.2.3']",
        "# update specs: ['libdemo>=1.3']",
    ]


def test_the_same_list_makes_the_same_bytes(engine: Engine, server: Server, lab: str, tmp_path: Path) -> None:
    lines = lines_of(engine.solve([lab], [*SPECS, "pip"]))
    made = []
    for number, cache in enumerate(("one", "two")):
        prefix = tmp_path / f"env{number}"
        engine.install(prefix, lines, target_prefix="/opt/env", cache=str(tmp_path / cache), copy=number == 0)
        made.append(contents(prefix))
    assert made[0].keys() == made[1].keys()
    assert [path for path in made[0] if made[0][path] != made[1][path]] == []
    here = str(tmp_path).encode()
    assert [path for path, data in made[0].items() if isinstance(data, bytes) and here in data] == []
    assert made[0]["bin/demo-config"] == b"#!/bin/sh\necho /opt/env\n"


def test_bytecode_belongs_to_its_package(engine: Engine, lab: str, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    engine.environment(prefix, lab, [*SPECS, "pip"])
    bytecode = "lib/python3.11/site-packages/demopkg/__pycache__/__init__.cpython-311.pyc"
    assert (prefix / bytecode).exists() and bytecode in metadata(prefix, "demopkg")["files"]
    # Fresh in Python's eyes: nothing is compiled again when it is used.
    before = (prefix / bytecode).stat().st_mtime_ns
    assert python(prefix, "import demopkg; print(demopkg.__cached__)") == str(prefix / bytecode)
    assert (prefix / bytecode).stat().st_mtime_ns == before

    engine.environment(prefix, lab, ["python=3.11"])
    assert list((prefix / "lib/python3.11/site-packages").glob("**/*.pyc")) == []
    assert not (prefix / "lib/python3.11/site-packages/demopkg").exists()


def test_bytecode_can_be_left_out(engine: Engine, lab: str, tmp_path: Path) -> None:
    engine.environment(tmp_path / "env", lab, SPECS, bytecode=False)
    assert list((tmp_path / "env/lib/python3.11/site-packages").glob("**/*.pyc")) == []


def test_an_environment_for_another_platform(engine: Engine, lab: str, tmp_path: Path) -> None:
    lines = lines_of(engine.solve([lab], ["python=3.11", "demopkg"], platform="linux-aarch64"))
    answer = engine.install(tmp_path / "env", lines, platform="linux-aarch64")
    assert "demopkg-2.0-pyhd8ed1ab_0" in answer["installed"]
    assert (tmp_path / "env/lib/python3.11/site-packages/demopkg/__init__.py").exists()


def test_copies_have_no_links_into_the_cache(engine: Engine, lab: str, tmp_path: Path) -> None:
    engine.environment(tmp_path / "env", lab, ["python=3.11"], copy=True)
    paths = [path for path in (tmp_path / "env").rglob("*") if not path.is_dir()]
    assert {path.lstat().st_nlink for path in paths} == {1}
    assert {os.path.isabs(os.readlink(path)) for path in paths if path.is_symlink()} == {False}
    assert (tmp_path / "env/bin/python").is_symlink()


def test_what_is_not_in_the_list_is_removed_and_the_rest_is_kept(engine: Engine, lab: str, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    engine.environment(prefix, lab, ["python=3.11", "steady=1.0", "libdemo", "numpy"])
    kept = (prefix / "lib/libdemo.txt").stat().st_ino
    answer = engine.environment(prefix, lab, ["python=3.11", "steady=1.1", "libdemo"])
    assert answer["installed"] == ["steady-1.1-pyhd8ed1ab_0"]
    # And what only numpy needed.
    removed = ["numpy-2.1.3-py311_openblas_1", "python_abi-3.11-8_cp311", "steady-1.0-pyhd8ed1ab_0"]
    assert answer["removed"] == removed
    assert (prefix / "lib/libdemo.txt").stat().st_ino == kept
    assert metadata(prefix, "steady")["requested_specs"] == ["steady=1.1"]
    answer = engine.environment(prefix, lab, ["python=3.11", "steady=1.1", "libdemo"])
    assert (answer["installed"], answer["removed"]) == ([], [])


def test_another_python_moves_what_is_for_any(engine: Engine, lab: str, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    engine.environment(prefix, lab, ["python=3.11", "demopkg"])
    engine.environment(prefix, lab, ["python=3.12", "demopkg"])
    assert (prefix / "lib/python3.12/site-packages/demopkg/__init__.py").exists()
    assert not (prefix / "lib/python3.11").exists()


def test_scripts_run_only_by_name(engine: Engine, lab: str, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    assert engine.environment(prefix, lab, ["postlinker"])["scripts_not_run"] == ["postlinker"]
    written = prefix / "share/postlinker.txt"
    assert not written.exists()
    # Allowed later, it runs later; and only once.
    assert engine.environment(prefix, lab, ["postlinker"], link_scripts=["postlinker"])["scripts_not_run"] == []
    assert written.read_text() == f"linked in {prefix}\n"
    written.unlink()
    engine.environment(prefix, lab, ["postlinker"], link_scripts=["postlinker"])
    assert not written.exists()


def test_a_script_that_fails_is_told_and_tried_again(engine: Engine, lab: str, tmp_path: Path) -> None:
    prefix = tmp_path / "env"
    (prefix / "share").mkdir(parents=True)
    (prefix / "share/postlinker.txt").mkdir()
    lines = lines_of(engine.solve([lab], ["postlinker"]))
    found = engine.install(prefix, lines, link_scripts=["postlinker"])["error"]
    assert found["kind"] == "scripts" and "postlinker" in found["message"]
    (prefix / "share/postlinker.txt").rmdir()
    engine.install(prefix, lines, link_scripts=["postlinker"])
    assert (prefix / "share/postlinker.txt").read_text() == f"linked in {prefix}\n"


class TestDigests:
    FILE = "linux-64/libdemo-1.3.0-h7f98852_0.conda"

    @pytest.mark.parametrize("kind", ["sha256", "md5"])
    @pytest.mark.parametrize("by", ["file", "http"])
    def test_a_wrong_one_is_refused_however_often(
        self, engine: Engine, server: Server, lab: str, tmp_path: Path, kind: str, by: str
    ) -> None:
        channel = lab if by == "file" else server.url("lab")
        wrong = "#sha256:" + "0" * 64 if kind == "sha256" else "#" + "0" * 32
        right = f"#{self._digest(lab, 'sha256')}"
        # With the right package in the cache as well: py-rattler would take it from there.
        engine.install(tmp_path / "other", [f"{channel}/{self.FILE}{right.replace('#', '#sha256:')}"])
        for _ in range(2):
            found = engine.install(tmp_path / "env", [f"{channel}/{self.FILE}{wrong}"])["error"]
            assert found["kind"] == "digest" and self.FILE in found["message"]
        assert not (tmp_path / "env/lib/libdemo.txt").exists()

    @pytest.mark.parametrize("digest", ["md5", None])
    def test_a_list_without_sha256(
        self, engine: Engine, server: Server, lab: str, tmp_path: Path, digest: str | None
    ) -> None:
        line = f"{server.url('lab')}/{self.FILE}" + (f"#{self._digest(lab, digest)}" if digest else "")
        assert engine.install(tmp_path / "env", [line])["installed"] == ["libdemo-1.3.0-h7f98852_0"]
        assert metadata(tmp_path / "env", "libdemo")["sha256"] == self._digest(lab, "sha256")
        assert metadata(tmp_path / "env", "libdemo")["url"] == f"{server.url('lab')}/{self.FILE}"
        assert engine.install(tmp_path / "env", [line])["kept"] == 1

    def test_a_package_that_was_changed_on_the_server(self, engine: Engine, server: Server, tmp_path: Path) -> None:
        lines = lines_of(engine.solve([server.url("lab")], ["python=3.11", "steady=1.1"]))
        changed = [line.replace("/lab/", "/wrong/lab/") for line in lines]
        assert engine.install(tmp_path / "env", changed)["error"]["kind"] == "digest"
        assert "error" not in engine.install(tmp_path / "env", lines)

    def _digest(self, lab: str, kind: str) -> str:
        path = Path(lab.removeprefix("file://")) / self.FILE
        return hashlib.new(kind, path.read_bytes()).hexdigest()


def test_offline_installs_from_the_cache(engine: Engine, server: Server, tmp_path: Path) -> None:
    lines = lines_of(engine.solve([server.url("lab")], ["libdemo", "oldlib"]))
    found = engine.install(tmp_path / "env", lines, offline=True)["error"]
    assert found["kind"] == "offline" and "libdemo-1.3.0-h7f98852_0" in found["message"]
    engine.install(tmp_path / "first", lines)
    asked = len(server.requests())
    assert len(engine.install(tmp_path / "env", lines, offline=True)["installed"]) == 2
    assert len(server.requests()) == asked


def test_a_package_that_the_channel_has_not(engine: Engine, server: Server, lab: str, tmp_path: Path) -> None:
    found = engine.install(tmp_path / "env", [server.url("lab/linux-64/nosuch-1-0.conda")])["error"]
    assert (found["kind"], found["status"], found["channel"]) == ("channel", 404, server.url("lab"))
    found = engine.install(tmp_path / "env", [f"{lab}/linux-64/nosuch-1-0.conda"])["error"]
    assert (found["kind"], found["channel"]) == ("channel", lab)


@pytest.mark.parametrize("after", [0.2, 0.5, 0.8, 1.2])
def test_what_was_interrupted_is_made_right(engine: Engine, lab: str, tmp_path: Path, after: float) -> None:
    lines = lines_of(engine.solve([lab], [*SPECS, "pip"]))
    whole, interrupted = tmp_path / "whole", tmp_path / "interrupted"
    engine.install(whole, lines, target_prefix="/opt/env")
    request = {"prefix": str(interrupted), "target_prefix": "/opt/env", "platform": "linux-64", "packages": lines}
    more: dict[str, Any] = {"cache": str(engine.cache), "copy": True, "command": "cargo xtask build"}
    more["virtual_packages"] = [{"name": "__glibc", "version": "2.36", "build": "0"}]
    process = subprocess.Popen(
        [sys.executable, PROGRAM, "install"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=engine.environ()
    )
    assert process.stdin
    process.stdin.write(json.dumps({**request, **more}).encode())
    process.stdin.close()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    engine.install(interrupted, lines, target_prefix="/opt/env")
    made, expected = contents(interrupted), contents(whole)
    made.pop("CACHEDIR.TAG", None)
    assert made.keys() == expected.keys()
    assert [path for path in made if made[path] != expected[path]] == []


def test_conda_pack_reads_it(engine: Engine, lab: str, tmp_path: Path) -> None:
    conda_pack = importlib.import_module("conda_pack")
    engine.environment(tmp_path / "env", lab, SPECS)
    output = tmp_path / "env.tar"
    conda_pack.pack(prefix=str(tmp_path / "env"), output=str(output), format="tar")
    unpacked = tmp_path / "unpacked"
    unpacked.mkdir()
    subprocess.run(["tar", "-xf", output, "-C", unpacked], check=True)
    assert python(unpacked, "import pluggy, demopkg; print(demopkg.__version__)") == "2.0"
