"""The program as the crate starts it, on the channel of `xtask/tests/channel`, made once and served for each test.

PYTHONPATH=… python3 -m pytest xtask/conda/tests     # PYTHONPATH holds py-rattler
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[1]
REPOSITORY = PROGRAM.parents[1]
CHANNEL = REPOSITORY / "xtask" / "tests" / "channel"
WHEELS = REPOSITORY / "target" / "channel" / "wheels"

VIRTUAL = [{"name": "__glibc", "version": "2.36", "build": "0"}]

# What a person's machine sets would decide the tests about certificates, credentials and proxies.
_OF_THE_MACHINE = re.compile(r"^(SSL_CERT_|REQUESTS_CA|NETRC|RATTLER|CONDA|XDG|.*_PROXY$|.*_proxy$)")


@dataclass
class Engine:
    """Starts the program in a world of its own."""

    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    def solve(self, channels: list[str], specs: list[str], **more: Any) -> dict[str, Any]:
        request = {
            "platform": "linux-64",
            "channels": channels,
            "specs": specs,
            "virtual_packages": VIRTUAL,
            "cache": str(self.cache),
        }
        return self.answer("solve", {**request, **more})

    def install(self, prefix: Path, packages: list[str], **more: Any) -> dict[str, Any]:
        request = {
            "prefix": str(prefix),
            "platform": "linux-64",
            "packages": packages,
            "virtual_packages": VIRTUAL,
            "cache": str(self.cache),
            "copy": True,
            "command": "cargo xtask build",
        }
        return self.answer("install", {**request, **more})

    def environment(self, prefix: Path, channel: str, specs: list[str], **more: Any) -> dict[str, Any]:
        """Solves, then installs."""
        lines = lines_of(self.solve([channel], specs))
        answer = self.install(prefix, lines, requested=specs, channels=[channel], **more)
        assert "error" not in answer, answer
        return answer

    def answer(self, verb: str, request: dict[str, Any]) -> dict[str, Any]:
        done = self.run([verb], json.dumps(request))
        answer: dict[str, Any] = json.loads(done.stdout)
        assert done.returncode == (1 if "error" in answer else 0)
        assert done.stderr == ""
        return answer

    def conda(self, prefix: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.run(["conda", *arguments], "", CONDA_PREFIX=str(prefix), CONDA_OVERRIDE_GLIBC="2.36")

    def run(self, arguments: list[str], stdin: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, PROGRAM, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            env={**self.environ(), **variables},
        )

    def environ(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not _OF_THE_MACHINE.match(name)}
        return {**inherited, "HOME": str(self.home), **self.variables}


@dataclass(frozen=True)
class Server:
    http: str
    https: str
    proxy: str
    log: Path

    def url(self, path: str) -> str:
        return f"{self.http}/{path}"

    def requests(self) -> list[str]:
        return self.log.read_text().splitlines()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    home = tmp_path / "home"
    home.mkdir()
    return Engine(home)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the channels lie. `CONDA_TEST_CHANNEL` names a place where they have been made before."""
    known = os.environ.get("CONDA_TEST_CHANNEL")
    if known:
        return Path(known)
    out = tmp_path_factory.mktemp("channel")
    subprocess.run([sys.executable, CHANNEL, "make", out, "--wheels", WHEELS], check=True)
    return out


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `ca.pem`, and a certificate that it has signed for this machine."""
    folder = tmp_path_factory.mktemp("tls")
    extensions = folder / "extensions"
    extensions.write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1,DNS:conda.anaconda.org\nbasicConstraints=CA:FALSE\n"
    )
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=authority",
        "req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=localhost",
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out cert.pem",
    ):
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def server(made: Path, authority: Path, tmp_path: Path) -> Iterator[Server]:
    log = tmp_path / "requests"
    command: list[str | Path] = [sys.executable, CHANNEL, "serve", made, "--log", log, "--proxy"]
    command += ["--tls", authority / "cert.pem", authority / "key.pem"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    http, https, proxy = (process.stdout.readline().strip() for _ in range(3))
    yield Server(http, https, proxy.removeprefix("proxy "), log)
    process.communicate()


@pytest.fixture
def lab(made: Path) -> str:
    """The channel as a folder: most promises do not depend on how it is reached."""
    return (made / "lab").as_uri()


@pytest.fixture
def extra(made: Path) -> str:
    return (made / "extra").as_uri()


def lines_of(solved: dict[str, Any]) -> list[str]:
    assert "packages" in solved, solved
    return [f"{package['url']}#sha256:{package['sha256']}" for package in solved["packages"]]


def by_name(solved: dict[str, Any]) -> dict[str, dict[str, Any]]:
    assert "packages" in solved, solved
    return {package["name"]: package for package in solved["packages"]}


def metadata(prefix: Path, name: str) -> dict[str, Any]:
    (path,) = (prefix / "conda-meta").glob(f"{name}-[0-9]*.json")
    data: dict[str, Any] = json.loads(path.read_text())
    return data
