"""Serves channels by HTTP, by HTTPS and as a proxy, and says on standard output where: one address a line."""

import ssl
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path

from answers import ChannelHandler
from proxy import ProxyHandler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away in the middle are nobody's mistake, here; other errors are."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError, ssl.SSLError)):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def serve(
    root: Path, hosts: list[str], port: int, tls: tuple[Path, Path] | None, proxy: bool, log: Path | None
) -> None:
    """Until standard input ends, which it does when whoever started this is gone."""
    ChannelHandler.root = root.resolve()
    ChannelHandler.log = log.open("a") if log else None

    addresses = [f"http://{it}" for it in _start(hosts, port, ChannelHandler)]
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        places = _start(hosts, 0, ChannelHandler, context)
        addresses += [f"https://{it}" for it in places]
        host, _, tls_port = places[0].rpartition(":")
        ProxyHandler.tls = (host, int(tls_port))
    if proxy:
        addresses += [f"proxy http://{it}" for it in _start(hosts, 0, ProxyHandler)]
    print(*addresses, sep="\n", flush=True)
    sys.stdin.buffer.read()


def _start(hosts: list[str], port: int, handler: type[ChannelHandler], tls: ssl.SSLContext | None = None) -> list[str]:
    """Starts a server for each host, on one port for all of them, and tells their places."""
    places = []
    for host in hosts:
        server = Server((host, port), handler)
        port = server.server_port
        if tls:
            # The thread of the connection shakes hands, so that a slow client keeps no other from being heard.
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        places.append(f"{host}:{port}")
    return places
