"""Posting a signed event to an address that somebody typed: to the open internet alone, in five seconds, and
believing nothing of the answer (docs/webhooks.md).

Written on the standard library's own client: what others offer resolves the name again when it connects, or
follows redirects, or reads proxies from the environment.
"""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, NamedTuple, cast
from urllib.parse import SplitResult, urlsplit

from standardwebhooks import Webhook as Signer

from portal.domain.characters import keep_readable
from portal.domain.clock import Clock, SystemClock, start_countdown
from portal.domain.webhooks.deliveries import ANSWER_BYTES, Answer, Delivery
from portal.domain.webhooks.webhook import HTTPS_PORT
from portal.outbound.addresses import (
    AddressRefused,
    Endpoint,
    NameUnknown,
    Resolver,
    choose_endpoints,
    resolve,
)
from portal.outbound.bounded_reading import BoundedReader, ReadableSocket, TooMuch, wait

log = logging.getLogger(__name__)

SECONDS = 5.0
HTTP_PORT = 80
PROBLEMS: tuple[tuple[type[Exception], str], ...] = (
    (AddressRefused, "address"),
    (NameUnknown, "name"),
    (TimeoutError, "slow"),
    (ssl.SSLCertVerificationError, "certificate"),
    (ssl.SSLError, "tls"),
    (TooMuch, "too_much"),
    (http.client.HTTPException, "no_http"),
    (OSError, "unreachable"),
)


class Target(NamedTuple):
    """The address of a webhook, in the pieces that a call needs."""

    is_secure: bool
    host: str
    port: int
    host_header: str
    path: str


class WebhookPoster:
    """loopback_allowed: http and this machine itself, for the local portal alone. context: whom TLS trusts;
    the machine's own authorities unless a test has others.
    """

    def __init__(
        self, loopback_allowed: bool = False, *, resolver: Resolver = resolve,
        context: Callable[[], ssl.SSLContext] | None = None, clock: Clock | None = None,
    ) -> None:  # fmt: skip
        self.loopback_allowed = loopback_allowed
        self.resolver = resolver
        self.context = context or make_context
        self.clock = clock or SystemClock()

    def post(self, url: str, delivery: Delivery, secrets: Sequence[bytes], at: datetime) -> Answer:
        """What came of it, whatever that was. secrets: one, or two while one is being replaced."""
        began = self.clock.monotonic()
        headers = make_headers(delivery, secrets, at)
        try:
            answer = self.call(read_target(url), headers, delivery.body.encode())
        except Exception as problem:
            answer = Answer(problem=name_problem(problem))
        return replace(answer, took_ms=int((self.clock.monotonic() - began) * 1000))

    def call(self, target: Target, headers: dict[str, str], body: bytes) -> Answer:
        seconds_left = start_countdown(self.clock, SECONDS)
        if not target.is_secure and not self.loopback_allowed:
            raise AddressRefused
        endpoints = choose_endpoints(
            target.host, target.port, self.resolver, seconds_left(), loopback_allowed=self.loopback_allowed
        )
        connection = self.connect(target, endpoints, seconds_left)
        try:
            wait(connection, seconds_left)
            connection.sendall(write_head(target, headers, body) + body)
            return read_answer(connection, seconds_left)
        finally:
            connection.close()

    def connect(
        self, target: Target, endpoints: Sequence[Endpoint], seconds_left: Callable[[], float]
    ) -> socket.socket:
        """To the first of the judged addresses that answers; TLS is asked for the name, not the address."""
        connection = open_first(endpoints, seconds_left)
        if not target.is_secure:
            return connection
        try:
            wait(connection, seconds_left)
            return self.context().wrap_socket(connection, server_hostname=target.host)
        except BaseException:
            connection.close()
            raise


def open_first(endpoints: Sequence[Endpoint], seconds_left: Callable[[], float]) -> socket.socket:
    problem: OSError = OSError("no address")
    for waiting, each in zip(range(len(endpoints), 0, -1), endpoints, strict=True):
        connection = socket.socket(each.family, socket.SOCK_STREAM)
        try:
            wait(connection, partial(take_share, seconds_left, waiting))
            connection.connect((each.address, each.port))
        except OSError as failed:
            connection.close()
            problem = failed
        else:
            return connection
    raise problem


def take_share(seconds_left: Callable[[], float], waiting: int) -> float:
    """Of the time that is left, what the first of so many addresses may take."""
    return seconds_left() / waiting


@cache
def make_context() -> ssl.SSLContext:
    """Certificates and names are checked, and TLS is 1.2 or newer (the standard library's defaults)."""
    return ssl.create_default_context()


def read_target(url: str) -> Target:
    parts: SplitResult = urlsplit(url)
    is_secure, host = parts.scheme == "https", parts.hostname or ""
    port = parts.port or (HTTPS_PORT if is_secure else HTTP_PORT)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(is_secure, host, port, parts.netloc, path)


def make_headers(delivery: Delivery, secrets: Sequence[bytes], at: datetime) -> dict[str, str]:
    signatures = [Signer(each).sign(delivery.event_id, at, delivery.body) for each in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "file-sharing-portal-webhooks/1",
        "webhook-id": delivery.event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def write_head(target: Target, headers: dict[str, str], body: bytes) -> bytes:
    """One request and no other: the connection is closed behind it."""
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {target.host_header}", "Connection: close",
             "Accept: */*", f"Content-Length: {len(body)}"]  # fmt: skip
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def read_answer(connection: socket.socket, seconds_left: Callable[[], float]) -> Answer:
    """Its status, and the first bytes of its body. A redirect is an answer like any other. What comes behind
    the status may be cut short or never end without making it another one.
    """
    reader = BoundedReader(connection, seconds_left)
    response = http.client.HTTPResponse(cast(Any, ReadableSocket(reader)), method="POST")
    response.begin()
    return Answer(
        response.status, problem_of_status(response.status), decode(read_beginning(response)),
        pause=read_pause(response.headers.get("Retry-After", "")),
    )  # fmt: skip


def read_beginning(response: http.client.HTTPResponse) -> bytes:
    """As much of the body as is kept, or as came in time."""
    body = b""
    with suppress(OSError, http.client.HTTPException):
        while len(body) < ANSWER_BYTES and (piece := response.read1(ANSWER_BYTES - len(body))):
            body += piece
    return body


def problem_of_status(status: int) -> str:
    if 300 <= status < 400:
        return "redirect"
    return "" if 200 <= status < 300 else "status"


def decode(body: bytes) -> str:
    """What a page can show of whatever came."""
    return keep_readable(body.decode("utf-8", "replace"))


def read_pause(text: str) -> timedelta | None:
    """Of a Retry-After in seconds; one that names a date is not followed."""
    is_number = text.isascii() and text.isdigit() and len(text) <= 6
    return timedelta(seconds=int(text)) if is_number else None


def name_problem(problem: Exception) -> str:
    for kind, name in PROBLEMS:
        if isinstance(problem, kind):
            return name
    log.exception("a webhook could not be called")
    return "failed"
