"""One timeline for each recipient: from the mail to the download, from where, with what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.domain.access_logs import Fetch
from portal.domain.people import Person
from portal.web.devices import device
from portal.workflows import mail, opening
from portal.workflows.delivered_bytes import record_fetch
from portal.workflows.engine import run
from tests.builders import Running
from tests.doing import VISITOR, downloaded, shared, token_of, uploaded
from tests.web.browser import Browser
from tests.web.signed_in import Calls, signed_in

IPHONE = (
    "Mozilla/5.0 (iPhone CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML like Gecko)"
    " Version/18.0 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0 Win64 x64) AppleWebKit/537.36 (KHTML like Gecko) Chrome/140.0.0.0"
    " Safari/537.36 Edg/140.0.0.0"
)


@pytest.fixture
def ana(browser: Browser) -> Person:
    return signed_in(browser)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (IPHONE, "Safari on iPhone"),
        (EDGE, "Edge on Windows"),
        ("Mozilla/5.0 (X11 Linux x86_64 rv 140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Linux Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
         "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML like Gecko)",
         "a browser on macOS"),
        ("curl/8.5.0", "curl"),
        ("<b>evil</b> %(name)s", "an unknown device"),
        ("", "an unknown device"),
    ],
)  # fmt: skip
def test_devices_are_named_in_plain_words(portal: Running, agent: str, words: str) -> None:
    with portal.app.test_request_context():
        assert device(agent) == words


def opened_by(portal: Running, token: str, source_ip: str, agent: str) -> None:
    actor = replace(VISITOR, source_ip=source_ip, device=agent)
    context = opening.Open(now=portal.clock(), actor=actor, token=token)
    run(opening.OPEN, context, portal.portal.services)


def lines(browser: Browser, share_id: str) -> list[str]:
    page = browser.get(f"/shares/{share_id}")
    [card] = page.document.all("article")
    return [each.text for each in card.one("ol").all("li")][::-1]


def test_the_whole_way_is_told_in_order(browser: Browser, portal: Running, ana: Person) -> None:
    """From queued to downloaded, with address and device; a probable scanner is called one, and shown."""
    file = uploaded(portal, ana)
    made = shared(portal, ana, [file])
    token = token_of(portal, made)
    portal.clock.turn(seconds=3)
    opened_by(portal, token, "203.0.113.4", EDGE)
    found = portal.portal.services.shares.with_recipient(made.about, made.recipients[0].id)
    assert found is not None
    message = found[1].mail.message_id
    assert "only by a mail scanner, probably" in browser.get(f"/shares/{made.about}").text
    portal.clock.turn(seconds=1)
    mail.feedback(portal.portal.services, "delivery", message, portal.clock(), "")
    portal.clock.turn(minutes=12)
    opened_by(portal, token, "198.51.100.9", IPHONE)
    portal.clock.turn(seconds=1)
    downloaded(portal, token, file)
    browser.get("/account")  # the session is noted as used once a minute; not counted here
    with Calls(portal) as calls:
        told = lines(browser, made.about)
    assert len(calls.names) <= 3  # the session, the share, its records
    expected = [
        ("Mail queued", ""),
        ("Mail accepted", ""),
        ("Link opened, probably by a mail scanner", "203.0.113.4, Edge on Windows"),
        ("Mail delivered", ""),
        ("Link opened", "198.51.100.9, Safari on iPhone"),
        ("Download of report.pdf started", "198.51.100.9"),
    ]
    assert len(told) == len(expected)
    for line, (words, source) in zip(told, expected, strict=True):
        assert line.startswith(words), line
        assert source in line
    assert "only by a mail scanner" not in browser.get(f"/shares/{made.about}").text


def test_the_access_log_tells_what_really_arrived(browser: Browser, portal: Running, ana: Person) -> None:
    """Proof of delivery: in part, in part from the beginning again, the rest of it, and whole."""
    file = uploaded(portal, ana, body=b"x" * 4_000)
    made = shared(portal, ana, [file])
    recipient = made.recipients[0].id
    for first, later in ((1_000, 0), (3_000, 0), (0, 1_000), (4_000, 0)):
        portal.clock.turn(minutes=1)
        fetch = Fetch(made.about, recipient, file.key, file.version_id, portal.clock(), "198.51.100.9",
                      IPHONE, first + later, first=first, later=later)  # fmt: skip
        assert record_fetch(f"log {first}", fetch, portal.portal.services)
    told = lines(browser, made.about)[-4:]
    expected = [
        "1.0 kB of the 4.0 kB of report.pdf were fetched, not all of it",
        "3.0 kB of the 4.0 kB of report.pdf were fetched, not all of it",
        "The rest of report.pdf was fetched: all 4.0 kB, in several pieces",
        "All of report.pdf was fetched: 4.0 kB",
    ]
    assert [line.startswith(words) for line, words in zip(told, expected, strict=True)] == [True] * 4, told
    assert "198.51.100.9, Safari on iPhone" in told[0]


def test_what_is_refused_is_told_too(browser: Browser, portal: Running, ana: Person) -> None:
    """A press beyond the limit stands there with its reason; a hostile device stays text (R24)."""
    file = uploaded(portal, ana)
    made = shared(portal, ana, [file], download_limit=1)
    portal.clock.turn(minutes=1)
    opened_by(portal, token_of(portal, made), "198.51.100.9", '"><script>alert(1)</script>')
    downloaded(portal, token_of(portal, made), file)
    portal.clock.turn(minutes=1)
    with pytest.raises(opening.Spent):
        downloaded(portal, token_of(portal, made), file)
    told = lines(browser, made.about)
    assert "All downloads had been used." in told[-1]
    page = browser.get(f"/shares/{made.about}")
    assert "<script>alert" not in page.answer.text


def test_the_share_tells_its_own_history(browser: Browser, portal: Running, ana: Person) -> None:
    """I4: who changed what, and who was added, beside what it says now."""
    made = shared(portal, ana, [uploaded(portal, ana)])
    path = f"/shares/{made.about}"
    browser.get(f"{path}/edit")
    browser.submit(f"{path}/edit", download_limit="2")
    browser.get(f"{path}/recipients")
    browser.submit(f"{path}/recipients", recipients="new@x.example")
    what = browser.get(path).document.one("section", **{"aria-labelledby": "what"}).text
    assert "Ana Lopes changed the share. Each person can download each file 2 times." in what
    assert "Ana Lopes added new@x.example." in what
