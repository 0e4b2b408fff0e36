"""The channel, made once for all tests, and a server of it for each."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CHANNEL = Path(__file__).parents[1]
WHEELS = CHANNEL.parents[2] / "target" / "channel" / "wheels"

Serve = Callable[..., list[str]]


def make(out: Path, *options: str) -> None:
    subprocess.run([sys.executable, CHANNEL, "make", out, "--wheels", WHEELS, *options], check=True)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("channel")
    make(out)
    return out


@pytest.fixture
def serve(made: Path) -> Iterator[Serve]:
    """Starts a server with options, and tells its addresses. It ends with the test, as its standard input does."""
    servers: list[subprocess.Popen[str]] = []

    def start(*options: str | Path, addresses: int = 1) -> list[str]:
        command = [sys.executable, CHANNEL, "serve", made, *options]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        servers.append(server)
        assert server.stdout
        return [server.stdout.readline().strip() for _ in range(addresses)]

    yield start
    for server in servers:
        server.communicate()
        assert server.returncode == 0
