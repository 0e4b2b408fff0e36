"""What is said when there is no solution, or no channel."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from conftest import PROGRAM, Engine, Server


def error(answer: dict[str, Any], kind: str) -> dict[str, Any]:
    assert answer.keys() == {"error"}, answer
    found: dict[str, Any] = answer["error"]
    assert found["kind"] == kind, found
    assert "Traceback" not in found["message"] and "corrupted" not in found["message"]
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_missing_names_come_with_similar_ones(engine: Engine, lab: str) -> None:
    found = error(engine.solve([lab], ["python=3.11", "demotol", "quite-unknown"]), "unsolvable")
    assert found["missing"]["demotol"][0] == "demotool"
    assert found["missing"]["quite-unknown"] == []


def test_versions_that_there_are(engine: Engine, lab: str) -> None:
    found = error(engine.solve([lab], ["numpy=9", "python=3.11"]), "unsolvable")
    assert found["versions"] == {"numpy": ["2.1.3", "1.26.4"]}
    assert found["loosened"] == ["numpy"]


def test_requests_that_exclude_each_other(engine: Engine, lab: str) -> None:
    found = error(engine.solve([lab], ["conflicta", "conflictb", "oldlib"]), "unsolvable")
    assert found["loosened"] == ["conflicta", "conflictb"]
    assert "libdemo" in found["message"]


def test_virtual_packages_that_are_missing_or_too_old(engine: Engine, lab: str) -> None:
    assert error(engine.solve([lab], ["future"]), "unsolvable")["virtual"] == ["__glibc >=9.9"]
    found = error(engine.solve([lab], ["python=3.11", "demotorch=*=cuda*"]), "unsolvable")
    assert "__cuda >=12" in found["virtual"]


def test_a_spec_that_cannot_be_read(engine: Engine, lab: str) -> None:
    assert error(engine.solve([lab], ["python", "numpy =="]), "spec")["spec"] == "numpy =="


@pytest.mark.parametrize(
    "path, status", [("nowhere", 404), ("auth/lab", 401), ("t/other/lab", 403), ("broken/lab", 503)]
)
def test_channels_that_refuse(engine: Engine, server: Server, path: str, status: int) -> None:
    found = error(engine.solve([server.url("extra"), server.url(path)], ["libdemo", "pip"]), "channel")
    assert found["status"] == status
    assert found["channel"] == server.url(path.removeprefix("t/other/"))


def test_a_server_that_is_not_there(engine: Engine) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        channel = f"http://127.0.0.1:{unused.getsockname()[1]}/lab"
        found = error(engine.solve([channel], ["pip"]), "channel")
    assert found["channel"] == channel and "status" not in found


def test_the_time_is_limited(engine: Engine, server: Server) -> None:
    started = time.monotonic()
    error(engine.solve([server.url("silent/lab")], ["pip"], timeout_s=1), "timeout")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once(engine: Engine, server: Server, number: signal.Signals) -> None:
    request = {
        "platform": "linux-64",
        "channels": [server.url("silent/lab")],
        "specs": ["pip"],
        "cache": str(engine.cache),
    }
    process = subprocess.Popen(
        [sys.executable, PROGRAM, "solve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=engine.environ()
    )
    assert process.stdin
    process.stdin.write(json.dumps(request).encode())
    process.stdin.close()
    wait_until(lambda: any("silent" in asked for asked in server.requests()) or engine.cache.exists())
    os.kill(process.pid, number)
    started = time.monotonic()
    assert process.wait(5) == 128 + number
    assert time.monotonic() - started < 1


def test_offline_takes_what_is_in_the_cache_and_nothing_else(engine: Engine, server: Server) -> None:
    specs = ["python=3.11", "pip"]
    found = error(engine.solve([server.url("lab")], specs, offline=True), "offline")
    assert found["channel"] == server.url("lab")
    online = engine.solve([server.url("lab")], specs)
    asked = len(server.requests())
    assert engine.solve([server.url("lab")], specs, offline=True) == online
    assert len(server.requests()) == asked


def test_requests_that_are_wrong(engine: Engine) -> None:
    assert "no JSON" in json.loads(engine.run(["solve"], "{").stdout)["error"]["message"]
    assert "sepcs" in error(engine.answer("solve", {"sepcs": []}), "other")["message"]
    assert "lacks" in error(engine.answer("solve", {"channels": []}), "other")["message"]
    relative = {"prefix": "x", "platform": "linux-64", "packages": [], "cache": "/nowhere"}
    assert "absolute" in error(engine.answer("install", relative), "other")["message"]
