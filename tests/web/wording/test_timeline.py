"""One timeline for each recipient: from the email to the download, from where, with what."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from portal.domain.audit.record import Action
from portal.domain.links.access_logs import Fetch
from portal.domain.people.person import Person
from portal.engine.workflow import Request, run
from portal.web.wording.devices import device
from portal.workflows.links import link_access
from portal.workflows.mail import delivery, mail_jobs
from portal.workflows.upkeep.access_log_records import record_fetch
from tests.actions import VISITOR, download_file, link_token, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import Calls, sign_in

IPHONE = (
    "Mozilla/5.0 (iPhone CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML like Gecko)"
    " Version/18.0 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0 Win64 x64) AppleWebKit/537.36 (KHTML like Gecko) Chrome/140.0.0.0"
    " Safari/537.36 Edg/140.0.0.0"
)


FETCHES = (  # bytes together, answers, the longest of them
    (1_000, 1, 1_000), (3_999, 1, 3_999), (3_000, 3, 1_000), (4_000, 2, 2_000), (4_800, 2, 2_400),
    (5_000, 2, 4_000),
)  # fmt: skip
DELIVERED = {
    "en": (
        "A piece of report.pdf was downloaded: 1.0 kB of 4.0 kB",
        "A piece of report.pdf was downloaded: 3,999 bytes of 4,000 bytes",
        "3 pieces of report.pdf were downloaded: 3.0 kB of 4.0 kB in total, overlaps included",
        "2 pieces of report.pdf were downloaded: 4.0 kB in total, overlaps included; the file has 4.0 "
        "kB, and it is not known whether that was all of it",
        "2 pieces of report.pdf were downloaded: 4.8 kB in total, overlaps included; the file has 4.0 "
        "kB, and it is not known whether that was all of it",
        "report.pdf was downloaded in full: 4.0 kB",
    ),
    "de": (
        "Ein Teil von report.pdf wurde abgerufen: 1,0 kB von 4,0 kB",
        "Ein Teil von report.pdf wurde abgerufen: 3.999 Byte von 4.000 Byte",
        "3 Teile von report.pdf wurden abgerufen: zusammen 3,0 kB von 4,0 kB, Überschneidungen mitgezählt",
        "2 Teile von report.pdf wurden abgerufen: zusammen 4,0 kB, Überschneidungen mitgezählt; die Datei "
        "hat 4,0 kB, und ob das alles war, ist nicht bekannt",
        "2 Teile von report.pdf wurden abgerufen: zusammen 4,8 kB, Überschneidungen mitgezählt; die Datei "
        "hat 4,0 kB, und ob das alles war, ist nicht bekannt",
        "report.pdf wurde vollständig abgerufen: 4,0 kB",
    ),
}


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


def open_link_from(portal: Running, token: str, source_ip: str, agent: str) -> None:
    actor = replace(VISITOR, source_ip=source_ip, device=agent)
    context = link_access.LinkContext(Request(portal.clock(), actor), token=token)
    run(link_access.OPEN, context, portal.portal.services)


def lines(browser: Browser, share_id: str) -> list[str]:
    page = browser.get(f"/shares/{share_id}")
    [card] = page.document.all("article")
    return [each.text for each in card.all("li", **{"class": "timeline-line"})][::-1]


@pytest.mark.dates
def test_the_whole_way_is_told_in_order(browser: Browser, portal: Running, ana: Person) -> None:
    """From queued to downloaded, with address and device; a probable scanner is called one, and shown."""
    file = upload_file(portal, ana)
    made = share_files(portal, ana, [file])
    token = link_token(portal, made)
    portal.clock.turn(seconds=3)
    open_link_from(portal, token, "203.0.113.4", EDGE)
    found = portal.portal.services.shares.get_with_recipient(made.about, made.recipients[0].id)
    assert found is not None
    message = found[1].mail.message_id
    assert "probably only by an email scanner" in browser.get(f"/shares/{made.about}").text
    portal.clock.turn(seconds=1)
    mail_jobs.record_feedback(portal.portal.services, "delivery", message, portal.clock(), "")
    portal.clock.turn(minutes=12)
    open_link_from(portal, token, "198.51.100.9", IPHONE)
    portal.clock.turn(seconds=1)
    download_file(portal, token, file)
    browser.get("/account")  # the session is noted as used once a minute; not counted here
    with Calls(portal) as calls:
        told = lines(browser, made.about)
    assert len(calls.names) <= 4  # the session, the share, its records, its files as they are by now
    expected = [
        ("Email queued", ""),
        ("Accepted", ""),
        ("Link opened, probably by an email scanner", "203.0.113.4, Edge on Windows"),
        ("Email delivered", ""),
        ("Link opened", "198.51.100.9, Safari on iPhone"),
        ("Download of report.pdf started", "198.51.100.9"),
    ]
    assert len(told) == len(expected)
    for line, (words, source) in zip(told, expected, strict=True):
        assert line.startswith(words), line
        assert source in line
    assert "probably only by an email scanner" not in browser.get(f"/shares/{made.about}").text


@pytest.mark.requirement("R78")
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_access_log_tells_what_is_known_and_no_more(
    browser: Browser, portal: Running, ana: Person, language: str
) -> None:
    """One piece, several, as many bytes as the file has and more; "all" only for one answer of all of it."""
    file = upload_file(portal, ana, body=b"x" * 4_000)
    made = share_files(portal, ana, [file])
    for log, (got, times, longest) in enumerate(FETCHES):
        portal.clock.turn(minutes=1)
        fetch = Fetch(made.about, made.recipients[0].id, file.key, file.version_id, portal.clock(),
                      "198.51.100.9", IPHONE, got, times, longest)  # fmt: skip
        assert record_fetch(f"log {log}", fetch, portal.portal.services)
    browser.get("/files")
    browser.submit("/language", language=language)
    told = [each.replace("\N{NO-BREAK SPACE}", " ") for each in lines(browser, made.about)[-len(FETCHES) :]]
    for line, words in zip(told, DELIVERED[language], strict=True):
        assert line.startswith(words), line
    assert [line for line in told if re.search("in full|vollständig", line)] == told[-1:]
    assert "198.51.100.9, Safari" in told[0]


@pytest.mark.requirement("R78")
@pytest.mark.parametrize("place", ["/files/{file}", "/admin"])
def test_other_pages_claim_no_more(browser: Browser, portal: Running, place: str) -> None:
    """A file's history and the audit log have the same words for it."""
    admin = sign_in(browser, "Ada King", "admins")
    file = upload_file(portal, admin, body=b"x" * 4_000)
    made = share_files(portal, admin, [file])
    fetch = Fetch(made.about, made.recipients[0].id, file.key, file.version_id, portal.clock(),
                  "198.51.100.9", IPHONE, 4_000, 2, 2_000)  # fmt: skip
    assert record_fetch("log", fetch, portal.portal.services)
    text = browser.get(place.format(file=file.id)).text.replace("\N{NO-BREAK SPACE}", " ")
    assert f"With the link of partner@example.com: {DELIVERED['en'][3].strip()}" in text
    assert "in full" not in text


@pytest.mark.requirement("R24")
def test_what_is_refused_is_told_too(browser: Browser, portal: Running, ana: Person) -> None:
    """A press beyond the limit stands there with its reason; a hostile device stays text."""
    file = upload_file(portal, ana)
    made = share_files(portal, ana, [file], download_limit=1)
    portal.clock.turn(minutes=1)
    open_link_from(portal, link_token(portal, made), "198.51.100.9", '"><script>alert(1)</script>')
    download_file(portal, link_token(portal, made), file)
    portal.clock.turn(minutes=1)
    with pytest.raises(link_access.DownloadsUsedUp):
        download_file(portal, link_token(portal, made), file)
    told = lines(browser, made.about)
    assert "All downloads had been used." in told[-1]
    page = browser.get(f"/shares/{made.about}")
    assert "<script>alert" not in page.answer.text


@pytest.mark.requirement("R72")
@pytest.mark.parametrize(
    ("problem", "words"), [("removed", "the files had been removed"), ("infected", "malware had been found")]
)
def test_an_invitation_that_was_not_sent_says_why(
    browser: Browser, portal: Running, ana: Person, problem: str, words: str
) -> None:
    made = share_files(portal, ana, [upload_file(portal, ana)])
    record = delivery.record(Action.MAIL_FAILED, made.recipients[0], portal.clock(), problem)
    portal.portal.services.audit.write(record)
    assert f"Email not sent: {words}" in "".join(lines(browser, made.about))


@pytest.mark.requirement("I4")
def test_the_share_tells_its_own_history(browser: Browser, portal: Running, ana: Person) -> None:
    """Who changed what, and who was added, beside what it says now."""
    made = share_files(portal, ana, [upload_file(portal, ana)])
    path = f"/shares/{made.about}"
    browser.get(f"{path}/edit")
    browser.submit(f"{path}/edit", download_limit="2")
    browser.get(f"{path}/recipients")
    browser.submit(f"{path}/recipients", recipients="new@x.example")
    what = browser.get(f"{path}?history=1").document.one("section", **{"aria-labelledby": "what"}).text
    assert "Ana Lopes changed the share. Each person can download each file 2 times." in what
    assert "Ana Lopes added new@x.example." in what


@pytest.mark.parametrize("fetched_ms", [0, 400, 999])
def test_what_was_fetched_comes_after_the_press_of_its_second(
    browser: Browser, portal: Running, ana: Person, fetched_ms: int
) -> None:
    """The bucket's log knows whole seconds: newest first, "fetched" is above "started" and never below."""
    file = upload_file(portal, ana)
    made = share_files(portal, ana, [file])
    portal.clock.now = portal.clock.turn(minutes=1).replace(microsecond=400_000)
    download_file(portal, link_token(portal, made), file)
    logged = portal.clock.now.replace(microsecond=0)
    fetch = Fetch(made.about, made.recipients[0].id, file.key, file.version_id, logged, "198.51.100.9",
                  IPHONE, 12, longest=12)  # fmt: skip
    portal.clock.now = portal.clock.now.replace(microsecond=fetched_ms * 1000)
    assert record_fetch("log", fetch, portal.portal.services)
    started, completed = lines(browser, made.about)[-2:]
    assert started.startswith("Download of")
    assert "in full" in completed
    history = browser.get(f"/files/{file.id}").text
    assert history.index("report.pdf was downloaded in full") < history.index(
        "report.pdf was downloaded with"
    )
