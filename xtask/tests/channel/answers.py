"""How a request is answered: what the first parts of its path stand for, and the file that the rest names.

    /lab, /extra            the channels
    /conda-forge, /pkgs/main, /pkgs/r    other names of the two
    /auth/…                 wants Basic authentication, as PERSON with PASSWORD; 401 otherwise
    /t/TOKEN/…              403 with another token
    /private/…              401 to whoever does not come by /t/TOKEN/private/…
    /broken/…               503
    /silent/…               never answers
    /plain/…                without lists in shards
    /wrong/…                one package, steady 1.1, has other bytes than its digest is of, and as many

They go together: /auth/plain/lab is a channel as well.
"""

import base64
import email.utils
import hmac
import re
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar, TextIO
from urllib.parse import unquote, urlsplit

PERSON, PASSWORD, TOKEN = "me", "s3cret", "tok3n"
OTHER_NAMES = {"/conda-forge/": "/lab/", "/pkgs/main/": "/lab/", "/pkgs/r/": "/extra/"}
WRONG = "steady-1.1-"

FOREVER = threading.Event()


@dataclass(frozen=True)
class Refusal(Exception):
    status: HTTPStatus
    challenge: str = ""


class ChannelHandler(BaseHTTPRequestHandler):
    root: ClassVar[Path]
    log: ClassVar[TextIO | None] = None

    # Solvers make many small requests: connections are kept, and nothing waits for more to send.
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        try:
            path, is_wrong = self._route(unquote(urlsplit(self.path).path))
            self._send_file(path, is_wrong)
        except Refusal as refusal:
            self._refuse(refusal)

    do_HEAD = do_GET

    def _route(self, path: str) -> tuple[Path, bool]:
        is_wrong, has_token = False, False
        while True:
            _, first, rest = [*path.split("/", 2), "", ""][:3]
            if first == "auth":
                self._want_password()
            elif first == "t":
                token, _, rest = rest.partition("/")
                self._want_token(token)
                has_token = True
            elif first == "private":
                if not has_token:
                    raise Refusal(HTTPStatus.UNAUTHORIZED, "Bearer")
            elif first == "broken":
                raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE)
            elif first == "silent":
                FOREVER.wait()
            elif first == "plain":
                if "shards" in rest:
                    raise Refusal(HTTPStatus.NOT_FOUND)
            elif first == "wrong":
                is_wrong = WRONG in rest
            else:
                return self._file(path), is_wrong
            path = "/" + rest

    def _want_password(self) -> None:
        expected = "Basic " + base64.b64encode(f"{PERSON}:{PASSWORD}".encode()).decode()
        if not hmac.compare_digest(self.headers.get("Authorization", "").encode(), expected.encode()):
            raise Refusal(HTTPStatus.UNAUTHORIZED, 'Basic realm="channel"')

    def _want_token(self, token: str) -> None:
        if not token:
            raise Refusal(HTTPStatus.UNAUTHORIZED, "Bearer")
        if token != TOKEN:
            raise Refusal(HTTPStatus.FORBIDDEN)

    def _file(self, path: str) -> Path:
        for other, name in OTHER_NAMES.items():
            if path.startswith(other):
                path = name + path.removeprefix(other)
        file = (self.root / path.lstrip("/")).resolve()
        if not file.is_relative_to(self.root) or not file.is_file():
            raise Refusal(HTTPStatus.NOT_FOUND)
        return file

    def _send_file(self, path: Path, is_wrong: bool) -> None:
        status = path.stat()
        etag = f'"{status.st_mtime_ns:x}-{status.st_size:x}{"-wrong" if is_wrong else ""}"'
        modified = email.utils.formatdate(int(status.st_mtime), usegmt=True)
        headers = {"ETag": etag, "Last-Modified": modified, "Accept-Ranges": "bytes"}
        if self._has_it_already(etag, int(status.st_mtime)):
            self._send(HTTPStatus.NOT_MODIFIED, headers)
            return

        data = _with_another_time(path.read_bytes()) if is_wrong else path.read_bytes()
        headers["Content-Type"] = "application/json" if path.suffix == ".json" else "application/octet-stream"
        wanted = self.headers.get("Range")
        if not wanted or self.headers.get("If-Range", etag) not in (etag, modified):
            self._send(HTTPStatus.OK, headers, data)
            return
        part = _part(wanted, len(data))
        if part is None:
            headers["Content-Range"] = f"bytes */{len(data)}"
            self._send(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers, b"")
            return
        headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
        self._send(HTTPStatus.PARTIAL_CONTENT, headers, data[part.start : part.stop])

    def _has_it_already(self, etag: str, modified: int) -> bool:
        known = self.headers.get("If-None-Match")
        if known is not None:
            return known.strip() == "*" or etag in [it.strip().removeprefix("W/") for it in known.split(",")]
        since = email.utils.parsedate_to_datetime(self.headers.get("If-Modified-Since") or NEVER)
        return since.timestamp() >= modified

    def _refuse(self, refusal: Refusal) -> None:
        headers = {"WWW-Authenticate": refusal.challenge} if refusal.challenge else {}
        self._send(refusal.status, headers, f"{refusal.status.value} {refusal.status.phrase}\n".encode())

    def _send(self, status: HTTPStatus, headers: dict[str, str], data: bytes | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if data is not None:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if data is not None and self.command != "HEAD":
            self.wfile.write(data)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """`STATUS METHOD PATH`, then the kind of credentials and the range that came with it. Never a secret."""
        if self.log is None:
            return
        path = re.sub(r"(?<=/t/)[^/]+", "***", self.path.partition("?")[0])
        scheme = self.headers.get("Authorization", "").partition(" ")[0].lower()
        words = [str(int(code)), self.command, path, scheme, self.headers.get("Range", "")]
        print(*filter(None, words), file=self.log, flush=True)

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing on the terminal: `log_request` has told what there is to tell."""


NEVER = "Thu, 01 Jan 1970 00:00:00 GMT"


def _part(wanted: str, size: int) -> range | None:
    """The one range that is asked for, or None where there is no such part. Nobody needs several."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted.strip())
    if not match or match[0].endswith("=-"):
        return None
    if not match[1]:
        start, stop = max(0, size - int(match[2])), size
    else:
        start, stop = int(match[1]), min(size, int(match[2]) + 1 if match[2] else size)
    return range(start, stop) if start < stop else None


def _with_another_time(package: bytes) -> bytes:
    """The same content in other bytes: a ZIP file says when its first file was made, and no reader minds."""
    return package[:10] + bytes([package[10] ^ 1]) + package[11:]
