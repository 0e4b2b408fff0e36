"""How channels are reached: certificates, credentials, repodata, and what went wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from protocol import Failure, without_secrets
from rattler import Config, Gateway, SourceConfig
from rattler.exceptions import GatewayError
from rattler.networking.client import Client

T = TypeVar("T")

# Where Linux distributions and macOS keep the certificates that an administrator can add to.
_SYSTEM_CERTIFICATES = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
]

_ADDRESS = re.compile(r"\((?P<url>[a-z0-9+]+://[^\s)]+)\)")
_STATUS = re.compile(r"\((?P<status>[1-5]\d\d) ")
_UNREACHABLE = re.compile(r"error sending request|Request failed after|HTTP status|error decoding response body")
_IRRELEVANT = re.compile(r"failed to interact with the package cache layer|cache may be corrupted")


def use_certificates() -> None:
    """Lets the variable of Python's HTTP libraries count where OpenSSL's is unset."""
    bundle = os.environ.get("REQUESTS_CA_BUNDLE")
    if bundle and not os.environ.get("SSL_CERT_FILE"):
        os.environ["SSL_CERT_FILE"] = bundle


def use_credentials(file: Path | None) -> None:
    """By the variable, because a file in the configuration would put .netrc out of use."""
    if file:
        os.environ["RATTLER_AUTH_FILE"] = str(file)


def configuration(copy: bool = False) -> Config:
    """Everything is said here, so that no configuration file of the user takes part."""
    lines = []
    if _has_system_certificates():
        lines.append('tls-root-certs = "system"')
    if copy:
        # Symbolic links stay allowed: they are those of the packages, of which there would be copies otherwise.
        lines += ["allow-hard-links = false", "allow-ref-links = false"]
    return Config.from_toml("\n".join(lines))


def _has_system_certificates() -> bool:
    return bool(
        os.environ.get("SSL_CERT_FILE")
        or os.environ.get("SSL_CERT_DIR")
        or any(os.path.exists(path) for path in _SYSTEM_CERTIFICATES)
    )


def client(config: Config) -> Client:
    return Client.from_config(config)


def gateway(cache: Path, http: Client, offline: bool, sharded: bool = True, progress: bool = False) -> Gateway:
    return Gateway(
        cache_dir=cache / "repodata",
        client=http,
        default_config=SourceConfig(
            sharded_enabled=sharded,
            cache_action="force-cache-only" if offline else "cache-or-fetch",
        ),
        show_progress=progress,
    )


async def with_or_without_shards(ask: Callable[[bool], Awaitable[T]]) -> T:
    """Some servers answer wrongly where they are asked for shards: the plain file still works there.

    Python's `http.server` does, with a 304 that py-rattler 0.28 refuses, and stores that say 403 of what is missing.
    """
    try:
        return await ask(True)
    except GatewayError as error:
        status = _STATUS.search(str(error))
        if "shard" not in str(error) or (status and status["status"] >= "500"):
            raise
        return await ask(False)


def channel_failure(error: Exception, channels: list[str]) -> Failure | None:
    """The failure in terms of the channel, if the error comes from one."""
    text = without_secrets(str(error))
    if "no usable repodata cache" in text:
        return Failure("offline", f"{_first_line(text)}, and this is offline", channel=_channel_of(text, channels))
    if not (_UNREACHABLE.search(text) or isinstance(error, GatewayError)):
        return None
    status = _STATUS.search(text)
    details: dict[str, object] = {"channel": _channel_of(text, channels)}
    if status:
        details["status"] = int(status["status"])
    return Failure("channel", relevant(text), **details)


def relevant(text: str) -> str:
    """The tool's own words without the lines that lead astray."""
    lines = [line.removeprefix("Caused by: ") for line in text.splitlines() if not _IRRELEVANT.search(line)]
    return "\n".join(line for number, line in enumerate(lines) if line and line not in lines[:number])


def _first_line(text: str) -> str:
    return text.splitlines()[0]


def _channel_of(text: str, channels: list[str]) -> str | None:
    for channel in sorted(channels, key=len, reverse=True):
        if channel in text:
            return channel
    address = _ADDRESS.search(text)
    # A package lies two levels below its channel: CHANNEL/SUBDIR/FILE.
    return address["url"].rsplit("/", 2)[0] if address else None
