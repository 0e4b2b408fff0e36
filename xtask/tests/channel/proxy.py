"""A proxy that has the channels where the public ones are.

What it is asked for by plain HTTP, it answers itself, whatever the host. Tunnels to `conda.anaconda.org`,
`repo.anaconda.com` and hosts in `.test` lead to the server's own HTTPS; all others lead where they should.
"""

import select
import socket
from http import HTTPStatus
from typing import ClassVar

from answers import ChannelHandler, Refusal

PUBLIC = ("conda.anaconda.org", "repo.anaconda.com")


class ProxyHandler(ChannelHandler):
    # Where HTTPS is served, if it is.
    tls: ClassVar[tuple[str, int] | None] = None

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        is_ours = host in PUBLIC or host.endswith(".test")
        target = self.tls if is_ours else (host.strip("[]"), int(port))
        self.close_connection = True
        try:
            if target is None:
                raise ConnectionRefusedError("HTTPS is not served")
            with socket.create_connection(target, timeout=20) as upstream:
                upstream.settimeout(None)
                self.send_response(HTTPStatus.OK)
                self.end_headers()
                _carry(self.connection, upstream)
        except OSError:
            self._refuse(Refusal(HTTPStatus.BAD_GATEWAY))


def _carry(one: socket.socket, other: socket.socket) -> None:
    """Both ways, until one side has nothing more to say."""
    opposite = {one: other, other: one}
    while True:
        ready, _, _ = select.select([one, other], [], [])
        for side in ready:
            data = side.recv(65536)
            if not data:
                return
            opposite[side].sendall(data)
