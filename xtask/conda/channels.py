"""Names of channels: what people write, the address behind it, and the address without secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from protocol import Failure, without_secrets
from rattler import Channel

# conda's own meaning of `defaults`, apart from Windows' msys2.
DEFAULTS = ["https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r"]

_PREFIX = re.compile(r"^(?P<channel>[^\s\[]+?)::(?P<rest>.*)$", re.DOTALL)
_BRACKET = re.compile(r"(?P<key>[\[,]\s*channel\s*=\s*)(?P<quote>['\"]?)(?P<channel>[^'\",\]]+)(?P=quote)")


@dataclass(frozen=True)
class Channels:
    """Channels in the order in which they count."""

    written: list[str]
    addresses: list[str]
    alias: str

    @staticmethod
    def of(written: list[str], alias: str) -> Channels:
        addresses = [address for name in written for address in _addresses(name, alias)]
        return Channels(written, list(dict.fromkeys(addresses)), alias)

    def sources(self) -> list[Channel]:
        if not self.addresses:
            raise Failure("channel", "there is no channel to look in", channel=None)
        return [Channel(address) for address in self.addresses]

    def bare_addresses(self) -> list[str]:
        return [bare(address) for address in self.addresses]

    def with_those_of(self, specs: list[str]) -> Channels:
        """A spec may name a channel that is not listed: it is looked into last."""
        named = [address for spec in specs if (address := _named_channel(spec))]
        return Channels(self.written, list(dict.fromkeys(self.addresses + named)), self.alias)

    def resolved(self, spec: str) -> str:
        """The spec with the address of its channel in place of a short name."""
        prefix = _PREFIX.match(spec)
        if prefix:
            return f"{self.address_of(prefix['channel'])}::{prefix['rest']}"
        return _BRACKET.sub(lambda found: f'{found["key"]}"{self.address_of(found["channel"])}"', spec)

    def address_of(self, name: str) -> str:
        """A listed channel by its last words, or what the name means anywhere."""
        if "://" in name:
            return name.rstrip("/")
        channel, subdir = _split_subdir(name)
        for address in self.addresses:
            if address.endswith("/" + channel):
                return address + subdir
        return _addresses(channel, self.alias)[0] + subdir


def bare(address: str) -> str:
    return without_secrets(address).rstrip("/")


def _addresses(name: str, alias: str) -> list[str]:
    if name == "nodefaults":
        return []
    if name == "defaults":
        return DEFAULTS
    if "://" in name:
        return [name.rstrip("/")]
    return [f"{alias.rstrip('/')}/{name.strip('/')}"]


def _split_subdir(name: str) -> tuple[str, str]:
    channel, _, last = name.rpartition("/")
    if channel and re.fullmatch(r"noarch|(linux|osx|win)-\w+", last):
        return channel, "/" + last
    return name, ""


def _named_channel(spec: str) -> str | None:
    prefix = _PREFIX.match(spec)
    found = prefix or _BRACKET.search(spec)
    return _split_subdir(found["channel"])[0] if found else None
