"""Which hosts a run may talk to: no address that is not on the public internet, unless a person said so.

A server decides where its redirects lead, and the owner of a name decides what it resolves to, each time
anew: so a page on the web could make us fetch and publish what only this machine or its network may see.
A host is looked up before it is asked, and the address that a connection really has is checked before
anything is said over it.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str], list[str]]

# IPv6 addresses that lead to an IPv4 one: NAT64 (RFC 6052), 6to4 (RFC 3056).
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Names that never are on the public internet: RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`, and old custom.
PRIVATE_NAMES = (".localhost", ".local", ".internal", ".home.arpa", ".lan", ".intranet", ".corp", ".private")


class Guard:
    """Keep a run from hosts inside; `own` are the hosts that a person gave, `vouched` those of hamelin.toml.

    A person's host may be inside if its name says so by itself: an address, `localhost`, a name without a
    dot or below PRIVATE_NAMES. A name that looks public has to be vouched for.
    """

    def __init__(self, own: Iterable[str], vouched: Iterable[str] = (), resolve: Resolve | None = None) -> None:
        self.resolve = resolve or addresses_of
        self.vouched = frozenset(host.lower() for host in vouched)
        self._inside = {host for host in own if is_inside_by_name(host)}
        self._permitted: set[Address] = set()
        self._refused: dict[str, str | None] = {}

    def looked_up(self, host: str) -> str | None:
        """Look a host up and say why it must not be asked; None when it may, or nobody knows it. It takes its time."""
        if host not in self._refused:
            found = [address for text in self.resolve(host) if (address := read_address(text))]
            if host in self._inside or host.lower() in self.vouched:
                self._permitted.update(found)
            self._refused[host] = next((reason for a in found if (reason := self.refused(a))), None)
        return self._refused[host]

    def refused(self, address: Address) -> str | None:
        """Say why nothing may be said over a connection with this address; None when it may."""
        if is_public(address) or address in self._permitted:
            return None
        return f"is at {address}, which is not on the public internet"

    def follow(self, one: str, other: str) -> None:
        """Take a host that a person's own host inside leads to for that person's own."""
        if one in self._inside:
            self._inside.add(other)
            self._refused.pop(other, None)

    def through(self, proxy: str) -> None:
        """Permit the address of the proxy that a person set up: it is what connections then go to."""
        self._permitted.update(a for text in self.resolve(proxy) if (a := read_address(text)))

    def vouches(self, url: str) -> bool:
        """Say whether hamelin.toml names the host of an address."""
        return (urlsplit(url).hostname or "") in self.vouched


def is_public(address: Address) -> bool:
    """Say whether an address is on the public internet, also where one address stands in another.

    >>> is_public(ipaddress.ip_address("::ffff:127.0.0.1")), is_public(ipaddress.ip_address("64:ff9b::a00:1"))
    (False, False)
    >>> is_public(ipaddress.ip_address("9.9.9.9")), is_public(ipaddress.ip_address("169.254.169.254"))
    (True, False)
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.teredo:
            return False
    return address.is_global and not address.is_multicast


def is_inside_by_name(host: str) -> bool:
    """Say whether a host's name tells by itself that it is not on the public internet.

    Addresses count in every form that systems read: 127.1, 2130706433, 0x7f000001, 0177.0.0.1.

    >>> [is_inside_by_name(host) for host in ("2130706433", "lists.lan", "mailhost", "lists.example.org")]
    [True, True, True, False]
    """
    address = read_address(host)
    if address is not None:
        return not is_public(address)
    name = host.lower().rstrip(".")
    return "." not in name or name.endswith(PRIVATE_NAMES)


def read_address(text: str) -> Address | None:
    """Read an address as systems do, with a zone or not; None for a name."""
    with suppress(ValueError):
        return ipaddress.ip_address(text.partition("%")[0])
    with suppress(OSError, UnicodeError, ValueError):
        return ipaddress.IPv4Address(socket.inet_aton(text.rstrip(".")))
    return None


def addresses_of(host: str) -> list[str]:
    """Ask the system for the addresses of a host; none when nobody knows it."""
    with suppress(OSError, UnicodeError):
        return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    return []
