"""Where a webhook may point: a public https address, or a network that operators have allowed.

An endpoint is an address that somebody else chose and that we call from the inside; what it may
not become is a way to our own machines. Pure: names are resolved elsewhere.
"""

from collections.abc import Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Names that lead nowhere but inside (RFC 6761, RFC 6762, RFC 8375, and ICANN's "internal").
INSIDE = ("localhost", "local", "internal", "lan", "home.arpa", "intranet", "corp", "test")
# NAT64 (RFC 6052): the last four bytes are an IPv4 address.
_NAT64 = IPv6Network("64:ff9b::/96")
# NAT64 of somebody's own (RFC 8215): where in it the IPv4 address stands is theirs to say.
_OWN_NAT64 = IPv6Network("64:ff9b:1::/48")
_DEFAULT_PORT = {"https": 443, "http": 80}


class Target(NamedTuple):
    """An endpoint's address in its parts; `path` with its query, `host` without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """Host and port as a Host header has them: the port only where it is not the usual."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORT[self.scheme] else f"{host}:{self.port}"


class Unfit(ValueError):
    """An address that no webhook may have; `str` is a code."""


def networks(listed: str) -> tuple[Network, ...]:
    """Networks from a list with commas. Raises `ValueError` without repeating what was given."""
    try:
        return tuple(ip_network(n.strip()) for n in listed.split(",") if n.strip())
    except ValueError:
        raise ValueError("not a list of networks") from None


def target(url: str, allowed: Sequence[Network]) -> Target:
    """The parts of an endpoint's address, as far as can be told without asking for the name.

    Raises `Unfit`: not_an_address, not_https, has_credentials, private_address.
    """
    parts, port = _split(url)
    if parts.username is not None or parts.password is not None:
        raise Unfit("has_credentials")
    if parts.scheme == "http" and not allowed:
        raise Unfit("not_https")
    host = (parts.hostname or "").rstrip(".")
    literal = _literal(host)
    if literal is not None:
        check([literal], allowed)
    elif not _is_name(host):
        raise Unfit("not_an_address")
    elif not allowed and _leads_inside(host):
        raise Unfit("private_address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or _DEFAULT_PORT[parts.scheme], path)


def check(found: Iterable[Address], allowed: Sequence[Network]) -> None:
    """Every address that a name leads to must be public or allowed. Raises `Unfit`."""
    if not all(is_public(a) or is_allowed(a, allowed) for a in found):
        raise Unfit("private_address")


def is_allowed(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether operators have allowed the network."""
    return any(a in n for a in (address, _within(address)) for n in allowed)


def is_public(address: Address) -> bool:
    """Whether an address leads out; one that wraps another is judged by both."""
    inner = _within(address)
    wrapped = inner != address
    return _leads_out(inner) and (wrapped or _leads_out(address))


def _split(url: str) -> tuple[SplitResult, int | None]:
    """Raises `Unfit` for whatever is no plain address of a page."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Unfit("not_an_address") from None
    plain = url.isascii() and url.isprintable() and not set(url) & set(' "<>\\^`{|}')
    if not plain or parts.scheme not in _DEFAULT_PORT or parts.fragment or port == 0:
        raise Unfit("not_an_address")
    return parts, port


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_name(host: str) -> bool:
    """Labels of letters, digits and hyphens; no number, in any of the ways to write an address."""
    labels = host.split(".")
    shaped = all(
        0 < len(label) <= 63 and label.replace("-", "").replace("_", "").isalnum()
        for label in labels
    )
    last = labels[-1].lower()
    return shaped and len(host) <= 253 and not last.isdecimal() and not last.startswith("0x")


def _leads_inside(host: str) -> bool:
    lower = host.lower()
    return "." not in lower or any(lower == n or lower.endswith(f".{n}") for n in INSIDE)


def _within(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one; else the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def _leads_out(address: Address) -> bool:
    closed = address.is_multicast or address.is_reserved or address.is_unspecified
    if isinstance(address, IPv6Address) and (address.is_site_local or address in _OWN_NAT64):
        return False
    return address.is_global and not closed
