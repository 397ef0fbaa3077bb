"""Whatever an anonymous request says in its headers: an answer, and no error in the log."""

from __future__ import annotations

import logging
import random
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app
from werkzeug.wrappers import Response

from portal.web.edge.public_address import set_public_address
from tests.builders import Running

pytestmark = pytest.mark.requirement("R19")

OURS = ["files.example.org", "FILES.example.ORG", "files.example.org:443", "files.example.org:80"]
# RFC 1035, 2.3.4: labels of 63 octets, names of 255; UTS #46 has its own about what is in them.
NAMES = [
    "a" * 63 + ".example", "a" * 64 + ".example", "a" * 5000, ".".join(["a" * 63] * 5), "x..example", "..",
    ".", ".example", "example.", "x.example..", "-", "-.example", "_", "xn--", "xn--a", "xn--" + "a" * 60,
    "xn--\x7f", "é.example", "\u00df.example", "\u200d.example", "\u3002", "a\u3002\u3002b", "\u202e",
    "files.example.org.", ".files.example.org", "files.example.org.evil.example", "files.example.org@evil",
    "evil@files.example.org", "files.example.org/evil", "files.example.org#", "files.example.org?", "%",
    "%00", "a b", "a\tb", "a,b", "a;b", "[", "]", "[]", "[::1", "[::1]", "[::1]:x", "::1", "1.2.3.4",
    "0x7f.1", "<script>", '"', "'", "\\", "{{7*7}}", "*", "localhost", "",
]  # fmt: skip
PORTS = ["", ":", ":0", ":80", ":443", ":65536", ":-1", ":x", ":80:443", ":443:80"]
PIECES = [
    "a", ".", "..", "-", ":", "@", "[", "é", "xn--", "example", "files.example.org", "a" * 70, "%2e",
]  # fmt: skip


def hosts() -> list[str]:
    """Every name, some with each port, and more made up of odd pieces."""
    pick = random.Random(25)  # noqa: S311 -- the same each time
    made_up = ["".join(pick.choices(PIECES, k=pick.randint(1, 6))) for _ in range(60)]
    with_ports = [name + port for name in (OURS[0], "x..example", "evil.example") for port in PORTS]
    return [*NAMES, *with_ports, *made_up]


def get(portal: Running, path: str, **headers: str) -> Any:
    """Past the test client, which would read the host itself."""
    environ = EnvironBuilder(path).get_environ()
    environ |= {f"HTTP_{name.upper()}": as_sent(value) for name, value in headers.items()}
    body, status, answer = run_wsgi_app(set_public_address(portal.app, portal.config), environ, buffered=True)
    return Response(b"".join(body), status, answer)


def as_sent(value: str) -> str:
    """As a WSGI server hands on the bytes (PEP 3333)."""
    return value.encode().decode("latin-1")


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.ERROR]


PATHS = ["/", "/files", "/d/nothing", "/nowhere", "/static/js/main.js", "/v1/session"]


@pytest.mark.parametrize("path", PATHS)
def test_an_odd_host_is_refused_on_a_whole_page(
    portal: Running, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    for host in hosts():
        if host in OURS:
            continue
        answer = get(portal, path, host=host)
        assert answer.status_code == 400, host
        assert "does not answer at that address" in answer.get_data(as_text=True), host
        ours = portal.config.public_url  # which a program is told more at
        assert len(host) < 6 or host not in answer.get_data(as_text=True).replace(ours, "")
    assert not errors(caplog)


def test_our_own_name_is_known(portal: Running) -> None:
    for host in OURS:
        assert get(portal, "/", host=host).status_code == 200, host


def test_health_answers_to_any_name(portal: Running, caplog: pytest.LogCaptureFixture) -> None:
    assert {get(portal, "/healthz", host=host).status_code for host in hosts()} == {200}
    assert not errors(caplog)


HEADERS = [
    "cookie", "accept", "accept_language", "referer", "origin", "user_agent", "sec_fetch_site", "range",
    "sec_purpose", "if_none_match", "if_modified_since", "authorization", "content_type", "upload_key",
]  # fmt: skip
VALUES = [
    "", "\x00", "é", "\xed\xb3\xbf", "a" * 9000, "%00%ff", "[", "{", "; ; =", "http://[", "*/*;q=x", "de;q=x",
    "session=; visitor=.; login=x; form=x; zone=../../x; language=xx", "zone=\x00; zone=Europe",
    "zone=" + "a/" * 500, "https://x..example", "Bearer ", "Basic !", "bytes=9-1",
]  # fmt: skip


@pytest.mark.requirement("R24", "R25")
@pytest.mark.parametrize("header", HEADERS)
def test_an_odd_header_is_no_fault_of_ours(
    portal: Running, caplog: pytest.LogCaptureFixture, header: str
) -> None:
    for value in VALUES:
        for path in ("/", "/files", "/login/callback?state=x&code=y", "/d/nothing", "/healthz", "/look.css"):
            answer = get(portal, path, host=OURS[0], **{header: value})
            assert answer.status_code < 500, (path, value)
    assert not errors(caplog)
