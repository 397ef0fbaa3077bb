"""Which addresses of the network may be called: only those of the open internet (OWASP, "Server-Side Request
Forgery Prevention").

A name is resolved once, and what is connected to is the very address that was judged: so a name that answers
differently the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Thread
from typing import NamedTuple

Address = IPv4Address | IPv6Address
# Beside what the standard library calls not global: how IPv6 names IPv4 addresses (RFC 6052, 3056, 4380), and
# Oracle's and Alibaba's places of a machine's own keys.
CLOSED = tuple(
    ip_network(each)
    for each in (
        "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/23", "::/96", "fec0::/10", "192.0.0.0/24",
        "100.64.0.0/10", "100.100.100.200/32", "192.88.99.0/24", "224.0.0.0/4", "ff00::/8",
    )
)  # fmt: skip


class AddressRefused(Exception):
    """The name stands for an address that is not of the open internet."""


class NameUnknown(Exception):
    """The name stands for no address, or nobody said so in time."""


class Endpoint(NamedTuple):
    """A judged address and its port."""

    family: socket.AddressFamily
    address: str
    port: int


Resolver = Callable[[str, int], list[Endpoint]]


def is_open(text: str, *, loopback_allowed: bool = False) -> bool:
    """Whether an address is of the open internet; none with a zone is."""
    try:
        address: Address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_loopback:
        return loopback_allowed
    return address.is_global and not any(
        address in each for each in CLOSED if each.version == address.version
    )


def resolve(host: str, port: int) -> list[Endpoint]:
    """By the machine's own resolver. Raises NameUnknown."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise NameUnknown from problem
    return [Endpoint(family, str(place[0]), port) for family, _, _, _, place in found]


def choose_endpoints(
    host: str, port: int, resolver: Resolver, seconds: float, *, loopback_allowed: bool = False
) -> list[Endpoint]:
    """What to connect to. One closed address among several refuses the name. Raises AddressRefused and
    NameUnknown.
    """
    found = resolve_in_time(host, port, resolver, seconds)
    if not all(is_open(each.address, loopback_allowed=loopback_allowed) for each in found):
        raise AddressRefused
    return found


def resolve_in_time(host: str, port: int, resolver: Resolver, seconds: float) -> list[Endpoint]:
    """The machine's resolver takes no time-out, so it is waited for and then left alone."""
    found, problems = list[Endpoint](), list[Exception]()

    def look_up() -> None:
        try:
            found.extend(resolver(host, port))
        except Exception as problem:
            problems.append(problem)

    thread = Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(seconds)
    if problems and not isinstance(problems[0], NameUnknown):
        raise problems[0]
    if thread.is_alive() or problems or not found:
        raise NameUnknown
    return found
