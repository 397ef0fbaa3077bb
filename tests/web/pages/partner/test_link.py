"""A recipient's link: looked at without a trace that counts, pressed exactly once, over when it is over."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.files.file import File
from tests.actions import link_token, list_records, make_person, read_state, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Element, Page
from tests.web.signed_in import CORPUS, Calls, sign_in

ANA = make_person("Ana Lopes")


@pytest.fixture
def link(portal: Running) -> Callable[..., str]:
    """The path of the link of a new share's first recipient."""

    def made(files: list[File] | None = None, **rules: Any) -> str:
        new = share_files(portal, ANA, files or [upload_file(portal, ANA)], **rules)
        return f"/d/{link_token(portal, new)}"

    return made


def buttons(page: Page) -> list[Element]:
    return [each for each in page.document.all("form") if each.attributes["action"].endswith("/download")]


def press(browser: Browser, page: Page, place: int = 0, status: int = 303) -> Page:
    """Press one of the page's Download buttons."""
    form = buttons(page)[place]
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input")}
    return browser.ask("POST", form.attributes["action"], status, data=fields)


def test_the_card_says_who_what_and_until_when(browser: Browser, link: Callable[..., str]) -> None:
    page = browser.get(link(message="Have a look.\nAna", download_limit=3))
    assert page.heading == "Ana Lopes sent you a file"
    for said in (
        "ana.lopes@example.org",
        "report",
        "12 bytes",
        "3 downloads left",
        "expires",
        "Have a look.",
    ):
        assert said in page.text
    title, policy = page.document.one("title").text, page.headers["Content-Security-Policy"]
    assert "report" not in title
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "script-src 'nonce-" in policy


@pytest.mark.requirement("R35", "R43", "R48")
def test_download_leads_to_the_bytes_for_a_minute(browser: Browser, link: Callable[..., str]) -> None:
    """A signed address that saves under its name, and knows nothing of the link."""
    path = link()
    pressed = press(browser, browser.get(path))
    address = pressed.location
    assert f"x-request={pressed.headers['X-Request-Id']}&" in address, "S3's access log leads to ours"
    for part in (
        "X-Amz-Expires=60",
        "response-content-disposition=attachment",
        "versionId=",
        "X-Amz-Signature=",
    ):
        assert part in address
    assert path.removeprefix("/d/") not in address


@pytest.mark.requirement("R50", "R79")
def test_pressing_twice_is_pressing_once(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    """The same button spends one, for a day; on a page opened again it spends one more."""
    path = link(download_limit=2)
    page = browser.get(path)
    for _ in range(3):
        press(browser, page)
        portal.clock.turn(hours=5)
    page = browser.get(path)
    assert "1 download left" in page.text
    press(browser, page)
    assert "All downloads" in browser.get(path, 410).text


def test_one_file_may_be_used_up_while_others_are_not(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    files = [upload_file(portal, ANA, name) for name in ("one.pdf", "two.pdf")]
    path = link(files, download_limit=1)
    press(browser, browser.get(path))
    page = browser.get(path)
    assert len(buttons(page)) == 1
    assert "all your downloads are used" in page.text
    press(browser, page)
    gone = browser.get(path, 410)
    assert "one" not in gone.text.split()


@pytest.mark.requirement("R16", "R42")
def test_looking_changes_nothing(
    new_browser: Callable[[], Browser], portal: Running, link: Callable[..., str]
) -> None:
    """Mail scanners, previews and prefetches; the audit log notes what a person was shown, once."""
    path = link(download_limit=1)
    before = read_state(portal)
    for place in range(30):
        reader = new_browser()
        reader.get(path, headers={"User-Agent": f"scanner {place}"})
    assert read_state(portal) == before
    assert 1 <= len(list_records(portal, "recipient.link_opened")) <= 8


def test_machines_that_only_look_leave_no_record(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    path = link()
    browser.ask("HEAD", path, 200)
    browser.get(path, headers={"Sec-Purpose": "prefetch"})
    assert list_records(portal, "recipient.link_opened") == []


def test_a_sender_who_looks_is_not_taken_for_the_recipient(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    me = sign_in(browser)
    made = share_files(portal, me, [upload_file(portal, me)])
    browser.get(f"/d/{link_token(portal, made)}")
    assert list_records(portal, "recipient.link_opened") == []
    browser.get(link())
    assert len(list_records(portal, "recipient.link_opened")) == 1


@pytest.mark.requirement("R45")
def test_unknown_links_look_alike(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    """Unknown, malformed and forged are one page, with and without a press."""
    token, other = link().removeprefix("/d/"), link().removeprefix("/d/")
    share, recipient, proof = token[:26], token[26:52], token[52:]
    forged = [
        "x", "0" * 95, share + recipient + other[52:], share + other[26:52] + proof, token[:-1], token + "A",
        token.upper(), token[:-1] + ("B" if token[-1] != "B" else "C"), "%00" * 5,
    ]  # fmt: skip
    random.Random(1).shuffle(forged)  # noqa: S311 -- an order, not a secret
    texts = {browser.get(f"/d/{each}", 404).text for each in forged}
    assert len(texts) == 1
    assert token not in texts.pop()


@pytest.mark.requirement("R45", "R47")
def test_what_is_over_says_why_and_no_more(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """No name of the file or of the sender; expired at the very moment."""
    path = link(message="for your eyes")
    page = browser.get(path)
    portal.clock.turn(days=9)
    gone = browser.get(path, 410)
    assert "This share has expired." in gone.text
    for leaked in ("report", "Ana", "ana.lopes", "your eyes"):
        assert leaked not in gone.text
    press(browser, page, status=410)


@pytest.mark.requirement("R14")
def test_a_press_needs_this_browsers_page(
    new_browser: Callable[[], Browser], link: Callable[..., str]
) -> None:
    """Without the secret of the page nothing is spent."""
    path = link(download_limit=1)
    page, stranger = new_browser().get(path), new_browser()
    press(stranger, page, status=400)
    assert "1 download left" in stranger.get(path).text


@pytest.mark.requirement("R11", "R12")
def test_foreign_files_are_not_behind_a_link(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """The form's file must be one of the share's; other fields mean nothing."""
    other = upload_file(portal, ANA, "other.pdf")
    page = browser.get(link())
    form = buttons(page)[0]
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input")}
    for changed in ({"file_id": other.id}, {"file_id": ""}):
        browser.ask("POST", form.attributes["action"], 404, data=fields | changed)
    browser.ask("POST", form.attributes["action"], 400, data=fields | {"attempt_id": "1"})


@pytest.mark.requirement("R43", "I6")
def test_the_token_is_in_no_log(
    browser: Browser, portal: Running, link: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the log nor the table carries what opens a link."""
    from portal.web.edge.logging import JsonLines

    caplog.set_level(logging.DEBUG, "portal")
    path = link()
    press(browser, browser.get(path))
    proof = path[-43:]
    assert proof not in "".join(JsonLines().format(each) for each in caplog.records)
    assert proof not in str(read_state(portal)) + str(list_records(portal, "recipient.link_opened"))


def test_few_calls_each(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    path = link()
    with Calls(portal) as looking:
        page = browser.get(path)
    with Calls(portal) as pressing:
        press(browser, page)
    assert looking.names == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert pressing.names == ["BatchGetItem", "TransactWriteItems"]


@pytest.mark.requirement("R24")
def test_what_a_sender_writes_stays_text(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    """Names and messages."""
    page = browser.get(link(message="\n".join(CORPUS)))
    assert "<script>alert(1)</script>" in page.document.one("p", **{"class": "quote"}).text
    inline = [each for each in page.document.all("script") if "src" not in each.attributes]
    assert inline == []
    assert "49" not in page.document.one("p", **{"class": "quote"}).text
