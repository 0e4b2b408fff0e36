"""How the server answers."""

import base64
import http.client
import socket
import ssl
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path

import pytest

from conftest import CHANNEL, Serve

LIST = "noarch/repodata.json"
STEADY = "noarch/steady-1.1-pyhd8ed1ab_0.conda"


class Client:
    """One connection, so that what is not kept open fails."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self.connection = connection

    def get(self, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request("GET", path, headers=named)
        response = self.connection.getresponse()
        return response, response.read()

    def status(self, path: str, **headers: str) -> int:
        return self.get(path, **headers)[0].status


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "requests.log"


@pytest.fixture
def client(serve: Serve, log: Path) -> Client:
    [address] = serve("--log", log)
    return Client(http.client.HTTPConnection(address.removeprefix("http://"), timeout=20))


def basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/lab/{LIST}", HTTPStatus.OK),
        (f"/extra/{LIST}", HTTPStatus.OK),
        (f"/conda-forge/{LIST}", HTTPStatus.OK),
        (f"/pkgs/main/{LIST}?seen=1", HTTPStatus.OK),
        ("/lab/noarch/repodata_shards.msgpack.zst", HTTPStatus.OK),
        ("/plain/lab/noarch/repodata.json.zst", HTTPStatus.OK),
        ("/plain/lab/noarch/repodata_shards.msgpack.zst", HTTPStatus.NOT_FOUND),
        (f"/missing/{LIST}", HTTPStatus.NOT_FOUND),
        ("/lab/linux-64/demotool-1%212.0-h1_0.conda", HTTPStatus.OK),
        ("/lab", HTTPStatus.NOT_FOUND),
        ("/lab/../../secret", HTTPStatus.NOT_FOUND),
        (f"/broken/lab/{LIST}", HTTPStatus.SERVICE_UNAVAILABLE),
        (f"/auth/lab/{LIST}", HTTPStatus.UNAUTHORIZED),
        (f"/t/tok3n/lab/{LIST}", HTTPStatus.OK),
        (f"/t/other/lab/{LIST}", HTTPStatus.FORBIDDEN),
        (f"/t//lab/{LIST}", HTTPStatus.UNAUTHORIZED),
        (f"/private/lab/{LIST}", HTTPStatus.UNAUTHORIZED),
        (f"/t/tok3n/private/lab/{LIST}", HTTPStatus.OK),
    ],
)
def test_each_path_has_its_answer(client: Client, path: str, status: HTTPStatus) -> None:
    assert client.status(path) == status


def test_credentials_are_asked_for(client: Client) -> None:
    refused, _ = client.get(f"/auth/lab/{LIST}", Authorization=basic("me:wrong"))
    assert (refused.status, refused.headers["WWW-Authenticate"]) == (401, 'Basic realm="channel"')
    assert client.status(f"/auth/lab/{LIST}", Authorization=basic("me:s3cret")) == HTTPStatus.OK
    assert client.status(f"/auth/plain/lab/{LIST}", Authorization=basic("me:s3cret")) == HTTPStatus.OK


def test_what_is_known_is_not_sent_again(client: Client) -> None:
    first, _ = client.get(f"/lab/{LIST}")
    for condition in (
        {"If_None_Match": first.headers["ETag"]},
        {"If_None_Match": f'"other", W/{first.headers["ETag"]}'},
        {"If_Modified_Since": first.headers["Last-Modified"]},
    ):
        again, body = client.get(f"/lab/{LIST}", **condition)
        assert (again.status, body) == (HTTPStatus.NOT_MODIFIED, b"")
        assert [again.headers[it] for it in ("ETag", "Last-Modified")] == [
            first.headers[it] for it in ("ETag", "Last-Modified")
        ]
    changed = {"If_None_Match": '"other"', "If_Modified_Since": first.headers["Last-Modified"]}
    assert client.status(f"/lab/{LIST}", **changed) == HTTPStatus.OK


@pytest.mark.parametrize(
    ("asked", "part"), [("bytes=0-3", slice(4)), ("bytes=-5", slice(-5, None)), ("bytes=7-", slice(7, None))]
)
def test_a_part_of_a_file_can_be_had(client: Client, asked: str, part: slice) -> None:
    _, whole = client.get(f"/lab/{STEADY}")
    response, body = client.get(f"/lab/{STEADY}", Range=asked)
    assert (response.status, body) == (HTTPStatus.PARTIAL_CONTENT, whole[part])
    start = range(len(whole))[part].start
    assert response.headers["Content-Range"] == f"bytes {start}-{start + len(body) - 1}/{len(whole)}"


def test_a_part_that_is_not_there_is_refused(client: Client) -> None:
    assert client.status(f"/lab/{STEADY}", Range="bytes=99999999-") == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    assert client.status(f"/lab/{STEADY}", Range="bytes=0-3", If_Range='"other"') == HTTPStatus.OK


def test_one_package_has_wrong_bytes(client: Client) -> None:
    (_, right), (_, wrong) = client.get(f"/lab/{STEADY}"), client.get(f"/wrong/lab/{STEADY}")
    assert right != wrong and len(right) == len(wrong)
    other = "noarch/steady-1.0-pyhd8ed1ab_0.conda"
    assert client.get(f"/lab/{other}")[1] == client.get(f"/wrong/lab/{other}")[1]


def test_a_silent_channel_keeps_no_other_from_being_heard(client: Client) -> None:
    silent = http.client.HTTPConnection(client.connection.host, client.connection.port, timeout=0.2)
    silent.request("GET", f"/silent/lab/{LIST}")
    with pytest.raises(TimeoutError):
        silent.getresponse()
    assert client.status(f"/lab/{LIST}") == HTTPStatus.OK


def test_the_log_tells_what_was_asked_and_no_secret(client: Client, log: Path) -> None:
    client.get(f"/t/tok3n/lab/{LIST}")
    client.get(f"/t/0ther/lab/{LIST}")
    client.get(f"/auth/lab/{LIST}", Authorization=basic("me:s3cret"), Range="bytes=0-1")
    assert log.read_text().splitlines() == [
        f"200 GET /t/***/lab/{LIST}",
        f"403 GET /t/***/lab/{LIST}",
        f"206 GET /auth/lab/{LIST} basic bytes=0-1",
    ]


def test_a_server_ends_with_whoever_started_it(made: Path) -> None:
    command: list[str | Path] = [sys.executable, CHANNEL, "serve", made]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout and server.stdin
    assert server.stdout.readline().startswith("http://127.0.0.1:")
    server.stdin.close()
    assert server.wait(timeout=20) == 0
    server.stdout.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    names = "subjectAltName=IP:127.0.0.1,DNS:conda.anaconda.org,DNS:channel.test"
    command = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-subj", "/CN=channel", "-addext", names, "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


def test_it_speaks_https_and_is_a_proxy(serve: Serve, certificate: tuple[Path, Path], log: Path) -> None:
    options = ["--tls", *certificate, "--proxy", "--log", log]
    plain, secure, proxy = serve(*options, addresses=3)
    trust = ssl.create_default_context(cafile=str(certificate[0]))
    direct = http.client.HTTPSConnection(secure.removeprefix("https://"), context=trust, timeout=20)
    assert Client(direct).status(f"/lab/{LIST}") == HTTPStatus.OK

    place = proxy.removeprefix("proxy http://")
    through = http.client.HTTPSConnection(place, context=trust, timeout=20)
    through.set_tunnel("conda.anaconda.org", 443)
    assert Client(through).status(f"/conda-forge/{LIST}") == HTTPStatus.OK
    named = Client(http.client.HTTPConnection(place, timeout=20))
    assert named.status(f"http://channel.test/lab/{LIST}") == HTTPStatus.OK

    elsewhere = http.client.HTTPConnection(place, timeout=20)
    host, _, port = plain.removeprefix("http://").partition(":")
    elsewhere.set_tunnel(host, int(port))
    assert Client(elsewhere).status(f"/lab/{LIST}") == HTTPStatus.OK
    assert "200 CONNECT conda.anaconda.org:443" in log.read_text()


def test_it_listens_where_it_is_told_to(serve: Serve) -> None:
    first, second = serve("--host", "127.0.0.1", "--host", "127.0.0.2", addresses=2)
    assert first.rpartition(":")[2] == second.rpartition(":")[2]
    with socket.create_connection(("127.0.0.2", int(second.rpartition(":")[2])), timeout=20):
        pass
