"""What is told of packages of which only the address and a digest are known."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import Engine, Server, by_name, lines_of

SPECS = ["python=3.11", "demotool", "conda-pluggy", "libdemo=1.2"]


def describe(engine: Engine, packages: list[str], **more: Any) -> dict[str, Any]:
    return engine.answer("describe", {"packages": packages, "cache": str(engine.cache), **more})


def test_it_is_what_a_solution_tells(engine: Engine, server: Server) -> None:
    solved = engine.solve([server.url("lab")], SPECS)["packages"]
    asked = len(server.requests())
    for lines in (
        [f"{package['url']}#sha256:{package['sha256']}" for package in solved],
        [f"{package['url']}#{package['md5']}" for package in solved],
        [package["url"].replace("!", "%21") for package in solved],
    ):
        assert describe(engine, lines)["packages"] == solved
    fetched = [request for request in server.requests()[asked:] if request.endswith((".conda", ".tar.bz2"))]
    assert fetched == []


def test_packages_of_several_platforms_can_have_the_same_file_name(engine: Engine, lab: str) -> None:
    solved = [engine.solve([lab], ["numpy"], platform=subdir)["packages"] for subdir in ("linux-64", "linux-aarch64")]
    lines = [f"{package['url']}#sha256:{package['sha256']}" for packages in solved for package in packages]
    assert describe(engine, lines)["packages"] == [package for packages in solved for package in packages]


def test_addresses_of_channels_are_told_without_asking_them(engine: Engine) -> None:
    told = describe(engine, [], channels=["conda-forge", "https://me:s3cret@e.org/lab/", "nodefaults", "defaults"])
    assert told["channels"][:2] == ["https://conda.anaconda.org/conda-forge", "https://e.org/lab"]
    assert len(told["channels"]) == 4 and told["packages"] == []


@pytest.fixture
def emptied(made: Path, tmp_path: Path) -> str:
    """A channel that lists none of its packages any more."""
    channel = tmp_path / "lab"
    for subdir in ("linux-64", "noarch"):
        shutil.copytree(made / "lab" / subdir, channel / subdir, ignore=shutil.ignore_patterns("repodata*", "shards"))
        empty = {"info": {"subdir": subdir}, "packages": {}, "packages.conda": {}}
        (channel / subdir / "repodata.json").write_text(json.dumps(empty))
    return channel.as_uri()


def test_what_no_channel_lists_tells_of_itself(engine: Engine, lab: str, emptied: str) -> None:
    solved = engine.solve([lab], SPECS)
    lines = [line.replace(lab, emptied) for line in lines_of(solved)]
    told = describe(engine, lines)["packages"]
    assert [{**each, "url": "", "channel": ""} for each in told] == [
        {**each, "url": "", "channel": ""} for each in solved["packages"]
    ]
    assert told[0]["channel"] == emptied


def test_another_archive_than_the_locked_one_is_refused(engine: Engine, lab: str, emptied: str) -> None:
    tool = by_name(engine.solve([lab], ["demotool"]))["demotool"]
    line = f"{tool['url'].replace(lab, emptied)}#sha256:{'0' * 64}"
    failure = describe(engine, [line])["error"]
    assert failure["kind"] == "digest" and tool["sha256"] in failure["message"]


def test_what_cannot_be_asked_is_named(engine: Engine) -> None:
    line = f"http://127.0.0.1:9/lab/linux-64/a-1-0.conda#sha256:{'0' * 64}"
    offline = describe(engine, [line], offline=True)["error"]
    assert (offline["kind"], offline["channel"]) == ("offline", "http://127.0.0.1:9/lab")
