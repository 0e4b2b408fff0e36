"""Credentials, certificates and proxies; and that no secret comes out again."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import Engine, Server, by_name, lines_of


@pytest.fixture
def basic(tmp_path: Path) -> Path:
    path = tmp_path / "basic.json"
    path.write_text(json.dumps({"127.0.0.1": {"BasicHTTP": {"username": "me", "password": "s3cret"}}}))
    return path


@pytest.fixture
def netrc(engine: Engine) -> Path:
    path = engine.home / "netrc"
    path.write_text("machine 127.0.0.1 login me password s3cret\n")
    path.chmod(0o600)
    return path


def test_netrc_counts_also_beside_a_file_of_credentials(engine: Engine, server: Server, netrc: Path) -> None:
    engine.variables = {"NETRC": str(netrc)}
    other = engine.home / "other.json"
    other.write_text(json.dumps({"example.org": {"CondaToken": "x"}}))
    for more in ({}, {"credentials": str(other)}):
        solved = engine.solve([server.url("auth/lab")], ["libdemo"], **more)
        assert by_name(solved)["libdemo"]["url"].startswith(server.url("auth/lab/"))


def test_a_file_of_credentials_is_used_for_repodata_and_packages(
    engine: Engine, server: Server, basic: Path, tmp_path: Path
) -> None:
    channel = server.url("auth/lab")
    solved = engine.solve([channel], ["python=3.11", "conda-pluggy"], credentials=str(basic))
    assert by_name(solved)["conda-pluggy"]["distributions"]
    lines = lines_of(solved)
    refused = engine.install(tmp_path / "env", lines)["error"]
    assert (refused["kind"], refused["status"], refused["channel"]) == ("channel", 401, channel)
    engine.install(tmp_path / "env", lines, credentials=str(basic), channels=[channel])
    for path in (tmp_path / "env" / "conda-meta").iterdir():
        assert "s3cret" not in path.read_text()


def test_a_token_is_used_and_not_told(engine: Engine, server: Server, tmp_path: Path) -> None:
    token = tmp_path / "token.json"
    token.write_text(json.dumps({"127.0.0.1": {"CondaToken": "tok3n"}}))
    solved = engine.solve([server.url("private/lab")], ["libdemo"], credentials=str(token))
    assert "tok3n" not in json.dumps(solved)
    assert by_name(solved)["libdemo"]["channel"] == server.url("private/lab")


def test_secrets_in_addresses_do_not_come_out(engine: Engine, server: Server) -> None:
    with_password = server.url("auth/lab").replace("://", "://me:s3cret@")
    for channel in (with_password, server.url("t/tok3n/lab")):
        answer = json.dumps(engine.solve([channel], ["libdemo"]))
        assert "packages" in answer and "s3cret" not in answer and "tok3n" not in answer
    for channel in (with_password.replace("s3cret", "wr0ng"), server.url("t/wr0ng/lab")):
        answer = json.dumps(engine.solve([channel], ["libdemo"]))
        assert "error" in answer and "wr0ng" not in answer


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_certificate_of_ones_own(engine: Engine, server: Server, authority: Path, variable: str) -> None:
    channel = f"{server.https}/lab"
    assert engine.solve([channel], ["libdemo"])["error"]["kind"] == "channel"
    engine.variables = {variable: str(authority / "ca.pem")}
    assert by_name(engine.solve([channel], ["libdemo"]))["libdemo"]["channel"] == channel


def test_a_proxy(engine: Engine, server: Server, authority: Path) -> None:
    engine.variables = {"HTTPS_PROXY": server.proxy, "SSL_CERT_FILE": str(authority / "ca.pem")}
    found = by_name(engine.solve(["conda-forge"], ["libdemo"]))
    assert found["libdemo"]["channel"] == "https://conda.anaconda.org/conda-forge"


def test_plain_repodata_where_there_are_no_shards(engine: Engine, server: Server) -> None:
    assert by_name(engine.solve([server.url("plain/lab")], ["libdemo"]))["libdemo"]["version"] == "1.3.0"
    assert by_name(engine.solve([server.url("lab")], ["libdemo"]))["libdemo"]["version"] == "1.3.0"
    assert any("shards/" in request for request in server.requests())


def test_a_server_that_cannot_revalidate_shards(engine: Engine, made: Path, tmp_path: Path) -> None:
    channel = tmp_path / "channel" / "lab"
    for subdir in ("linux-64", "noarch"):
        shutil.copytree(made / "lab" / subdir, channel / subdir, ignore=shutil.ignore_patterns("*.conda", "*.bz2"))
    for path in channel.rglob("repodata*"):
        # What was written just now is asked for again in a moment.
        path.touch()
    command = [
        sys.executable,
        "-u",
        "-m",
        "http.server",
        "--bind",
        "127.0.0.1",
        "--directory",
        str(channel.parent),
        "0",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        address = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
        assert address
        for _ in range(2):
            found = by_name(engine.solve([f"{address[0]}/lab"], ["libdemo"]))
            assert found["libdemo"]["version"] == "1.3.0"
            time.sleep(1)
        process.terminate()
