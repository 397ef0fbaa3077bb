"""Posting to whatever somebody has typed: never into the network of the portal itself, and never for long."""

from __future__ import annotations

import base64
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

import portal.outbound.poster as poster_module
from portal.domain.webhooks.deliveries import Answer, Delivery
from portal.domain.webhooks.event_types import EventType
from portal.outbound.addresses import Endpoint, is_open, resolve
from portal.outbound.poster import WebhookPoster
from tests.outbound.certificates import Authority
from tests.outbound.targets import OK, drip, flood, listen, listen_raw, read_request, say

NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
KEY = b"k" * 32
DELIVERY = Delivery("d", "w", "o", "evt_1", EventType.TEST, NOW, NOW, '{"type":"webhook.test"}')


def post(url: str, at: datetime = NOW, **how: Any) -> Answer:
    return WebhookPoster(**{"loopback_allowed": True, **how}).post(url, DELIVERY, [KEY], at)


def point_to(*addresses: str) -> Any:
    """A resolver for which every name stands for these, one after the other each time it is asked."""
    asked = list(addresses)

    def find(host: str, port: int) -> list[Endpoint]:
        address = asked.pop(0) if len(asked) > 1 else asked[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [Endpoint(family, address, port)]

    return find


def test_what_is_posted_is_signed_as_the_specification_says() -> None:
    """Checked by the specification's own library, which wants a time of the last five minutes."""
    now = datetime.now(UTC)
    with listen(say("200 OK", b"thanks")) as target:
        answer = post(target.url, now)
    assert (answer.status, answer.problem, answer.text, answer.is_taken) == (200, "", "thanks", True)
    ((headers, body),) = target.requests
    assert headers[""] == "POST /hook?from=portal HTTP/1.1"
    assert headers["host"] == f"127.0.0.1:{target.port}"
    assert headers["content-type"] == "application/json"
    assert Verifier(KEY).verify(body, headers) == {"type": "webhook.test"}


def test_the_published_example_has_the_published_signature() -> None:
    """The vector of the specification's own test suites."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    delivery = replace(DELIVERY, event_id="msg_p5jXN8AQM9LWM0D4loKWxJek", body='{"test": 2432232314}')
    headers = poster_module.make_headers(delivery, [key], at)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_replaced_both_sign() -> None:
    with listen(OK) as target:
        WebhookPoster(loopback_allowed=True).post(
            target.url, DELIVERY, [b"n" * 32, KEY], now := datetime.now(UTC)
        )
    ((headers, body),) = target.requests
    for key in (b"n" * 32, KEY):
        Verifier(key).verify(body, headers)
    assert headers["webhook-timestamp"] == str(int(now.timestamp()))


CLOSED = (
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1",  # noqa: S104 -- nobody listens there
    "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "100.127.255.255", "192.0.0.192",
    "192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1", "2002:a9fe:a9fe::1", "2001::1", "2001:db8::1", "100::1", "", "nonsense", "2130706433",
)  # fmt: skip
OPEN = ("1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "2001:4860:4860::8888", "::ffff:1.1.1.1")


@pytest.mark.parametrize("address", CLOSED)
def test_no_address_of_a_network_behind_the_portal_is_open(address: str) -> None:
    assert not is_open(address)


@pytest.mark.parametrize("address", OPEN)
def test_addresses_of_the_internet_are_open(address: str) -> None:
    assert is_open(address)


@pytest.mark.parametrize("address", [each for each in CLOSED if each])
def test_a_name_that_stands_for_such_an_address_is_not_called(address: str) -> None:
    answer = post("https://hooks.example.org/x", loopback_allowed=False, resolver=point_to(address))
    assert (answer.status, answer.problem) == (0, "address")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]", "[::ffff:7f00:1]"]
)
def test_this_machine_is_not_called_however_it_is_written(host: str) -> None:
    with listen(OK) as target:
        for scheme in ("http", "https"):
            answer = post(f"{scheme}://{host}:{target.port}/", loopback_allowed=False)
            assert answer.problem in {"address", "name"}
    assert target.connected == 0


def test_one_closed_address_among_several_refuses_the_name() -> None:
    def find(host: str, port: int) -> list[Endpoint]:
        return [Endpoint(socket.AF_INET, each, port) for each in ("1.1.1.1", "127.0.0.1")]

    assert post("https://hooks.example.org/", loopback_allowed=False, resolver=find).problem == "address"


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the name is asked once, and what is connected to is what was judged."""
    connected = list[Any]()

    def note_place(self: socket.socket, place: Any) -> None:
        connected.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", note_place)
    find = point_to("1.1.1.1", "127.0.0.1")
    answer = post("https://hooks.example.org/", loopback_allowed=False, resolver=find)
    assert (connected, answer.problem) == ([("1.1.1.1", 443)], "unreachable")
    assert find("hooks.example.org", 443)[0].address == "127.0.0.1", "and it was asked once"


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Again", "308 For Good"])
def test_a_redirect_is_not_followed(status: str) -> None:
    with listen(OK) as inside, listen(say(status, b"", f"Location: {inside.url}")) as target:
        answer = post(target.url)
    assert (answer.status, answer.problem, answer.is_taken) == (int(status[:3]), "redirect", False)
    assert (inside.connected, target.connected) == (0, 1)


def test_a_redirect_to_the_keys_of_the_machine_is_not_followed() -> None:
    with listen(say("302 Found", b"", "Location: http://169.254.169.254/latest/meta-data/")) as target:
        assert post(target.url).problem == "redirect"


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> float:
    """The same limit, sooner reached."""
    monkeypatch.setattr(poster_module, "SECONDS", 0.4)
    return 0.4


HOSTILE = {
    "head drips": (drip(b"HTTP/1.1 200 OK\r\nX: "), 0, "slow"),
    "status drips": (drip(b"HTTP/1.1 20"), 0, "slow"),
    "says nothing": (drip(b"", 9), 0, "slow"),
    "goes on being continued": (flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 3000), 0, "too_much"),
    "endless head": (flood(b"HTTP/1.1 200 OK\r\nX: "), 0, "too_much"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n", 0, "no_http"),
    "hangs up": (b"", 0, "no_http"),
    "body drips": (drip(b"HTTP/1.1 200 OK\r\n\r\n"), 200, ""),
    "endless body": (flood(b"HTTP/1.1 200 OK\r\n\r\n"), 200, ""),
    "endless pieces": (flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n"), 200, ""),
    "broken pieces": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 200, ""),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_an_answer_takes_its_time_at_most_and_is_cut(short: float, what: str) -> None:
    """Whatever comes behind a status changes nothing about it."""
    answering, status, problem = HOSTILE[what]
    began = time.monotonic()
    with listen(answering) as target:
        answer = post(target.url)
    assert (answer.status, answer.problem) == (status, problem)
    assert time.monotonic() - began < short + 3
    assert len(answer.text) <= 1024


def test_a_resolver_that_hangs_is_left_alone(short: float) -> None:
    def find(host: str, port: int) -> list[Endpoint]:
        time.sleep(1.5)
        return []

    began = time.monotonic()
    assert post("https://hooks.example.org/", resolver=find).problem == "name"
    assert time.monotonic() - began < 1.4


def test_proxies_of_the_environment_are_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    with listen(OK) as proxy, listen(OK) as target:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert post(target.url).status == 204
        assert proxy.connected == 0


def test_a_pause_that_the_receiver_asks_for_is_read() -> None:
    with listen(
        say("503 Busy", b"", "Retry-After: 120"), say("503 Busy", b"", "Retry-After: soon")
    ) as target:
        assert post(target.url).pause is not None
        assert post(target.url).pause is None


def test_a_closed_port_and_an_unknown_name_are_problems() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/").problem == "unreachable"
    assert post("https://nothing.invalid/", resolver=resolve).problem == "name"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def post_over_tls(url: str, authority: Authority, name: str) -> tuple[Answer, list[str | None]]:
    """To a server whose certificate is for this name; the names that it was asked for."""
    asked = list[str | None]()
    context = authority.make_server_context(name, asked)

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            read_request(secure)
            secure.sendall(OK)

    with listen_raw(answer) as target:
        url = url.replace("PORT", str(target.port))
        trusting = authority.make_client_context
        return post(url, resolver=point_to("127.0.0.1"), context=trusting), asked


def test_tls_asks_for_the_name_and_checks_it(authority: Authority) -> None:
    """The address that was judged is connected to; what is asked for is the name."""
    answer, asked = post_over_tls("https://hooks.example.org:PORT/x", authority, "hooks.example.org")
    assert (answer.status, answer.problem, asked) == (204, "", ["hooks.example.org"])
    answer, _ = post_over_tls("https://other.example.org:PORT/x", authority, "hooks.example.org")
    assert (answer.status, answer.problem) == (0, "certificate")


def test_a_certificate_of_an_unknown_authority_is_not_trusted(authority: Authority, tmp_path: Path) -> None:
    context = Authority(tmp_path).make_client_context
    with listen_raw(lambda connection: None) as target:
        answer = post(f"https://127.0.0.1:{target.port}/", context=context)
    assert answer.problem in {"tls", "unreachable"}


def test_what_speaks_no_tls_or_hangs_in_it_is_given_up(short: float) -> None:
    for answering, problem in ((b"HTTP/1.1 200 OK\r\n\r\n", "tls"), (drip(b"\x16\x03\x03\x40\x00"), "slow")):
        with listen_raw(answering) as target:
            assert post(f"https://127.0.0.1:{target.port}/").problem == problem
