"""Showing whose a link is, on pages: what stands there before, the code, the password, and other browsers."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.mail.email_message import MailRefused
from portal.web.edge.logging import JsonLines
from tests.actions import (
    link_token,
    list_mails,
    make_other_code,
    make_person,
    read_mailed_code,
    read_state,
    share_files,
    upload_file,
)
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import CORPUS, Calls, sign_in

CLARA = make_person("Clara Diaz")
MESSAGE = "for your eyes"


@pytest.fixture
def link(portal: Running) -> Callable[..., str]:
    """The path of the link of a new share's first recipient, who has to confirm the address."""

    def made(**rules: Any) -> str:
        asked = {"recipients_text": "dave@partner.example", "message": MESSAGE, "confirm": True} | rules
        return f"/d/{link_token(portal, share_files(portal, CLARA, [upload_file(portal, CLARA)], **asked))}"

    return made


def ask_for_code(browser: Browser, portal: Running, path: str) -> str:
    """Ask for a code on the page, and go back to the page that wants it; the code of the mail."""
    browser.get(path)
    assert browser.follow(browser.submit(f"{path}/code")).document.one("input", name="code")
    return read_mailed_code(portal)


@pytest.mark.requirement("R44")
def test_a_code_comes_by_mail_and_opens_the_card(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """Without a script, and the page is the link's own all the way."""
    path = link()
    field = None
    code = ask_for_code(browser, portal, path)
    assert browser.page is not None
    field = browser.page.document.one("input", name="code")
    assert (field.attributes["autocomplete"], field.attributes["inputmode"]) == ("one-time-code", "numeric")
    card = browser.follow(browser.submit(f"{path}/confirm", code=f"{code[:3]} {code[3:]}"))
    assert MESSAGE in card.text
    assert "report" in card.text
    pressed = browser.submit(f"{path}/download")
    assert "X-Amz-Signature" in pressed.location
    assert list_mails(portal)[-1].destinations["ToAddresses"] == ["dave@partner.example"]
    assert path.removeprefix("/d/") not in list_mails(portal)[-1].body


@pytest.mark.requirement("R45")
def test_before_the_code_nobody_learns_what_it_is(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """Who sent it, since the email with the link said so; nothing of files, message and addresses."""
    path = link()
    pages = [browser.get(path), browser.follow(browser.submit(f"{path}/code"))]
    wrong = make_other_code(read_mailed_code(portal))
    pages.append(browser.follow(browser.submit(f"{path}/confirm", code=wrong)))
    for page in pages:
        assert page.heading == "Clara Diaz sent you something"
        assert "d•••@p•••.example" in page.text
        for leaked in ("report", ".pdf", "12 bytes", MESSAGE, "dave@", "partner.example", "clara.diaz@"):
            assert leaked not in page.answer.text
    assert "That is not the code." in pages[-1].text


def test_the_files_are_behind_it_too(
    new_browser: Callable[[], Browser], portal: Running, link: Callable[..., str]
) -> None:
    """A press without the proof gets the question and spends nothing, as does a cookie that someone wrote."""
    path, mine, other = link(download_limit=1), new_browser(), new_browser()
    code = ask_for_code(mine, portal, path)
    card = mine.follow(mine.submit(f"{path}/confirm", code=code))
    fields = card.fields(f"{path}/download")
    secret = other.get(path).fields(f"{path}/code")["csrf_token"]
    for action in ("download", "preview"):
        refused = other.ask("POST", f"{path}/{action}", 303, data=fields | {"csrf_token": secret})
        assert refused.location == path, "a page that answers a form cannot be come back to"
        assert "Send me a code" in other.follow(refused).text
    other.set_cookie("proof", "x" + (mine.cookie("proof") or "")[1:])
    assert "Send me a code" in other.get(path).text
    assert "1 download left" in mine.get(path).text


@pytest.mark.requirement("R44")
def test_a_code_of_another_browser_opens_nothing(
    new_browser: Callable[[], Browser], portal: Running, link: Callable[..., str]
) -> None:
    """Neither where none was asked for, nor where one was; and the first keeps its tries."""
    path, mine, other = link(), new_browser(), new_browser()
    code = ask_for_code(mine, portal, path)
    other.get(path)
    secret = other.page.fields(f"{path}/code") if other.page else {}
    for _ in range(6):
        other.ask("POST", f"{path}/confirm", 303, data=secret | {"code": code})
    assert mine.submit(f"{path}/confirm", code=code).status == 303
    ask_for_code(other, portal, path)
    other.submit(f"{path}/confirm", code=make_other_code(read_mailed_code(portal)))


def test_it_lasts_an_hour_and_one_share(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    path, other = link(), link()
    browser.submit(f"{path}/confirm", code=ask_for_code(browser, portal, path))
    assert MESSAGE in browser.get(path).text
    assert MESSAGE not in browser.get(other).text
    portal.clock.turn(minutes=61)
    assert "Send me a code" in browser.get(path).text


@pytest.mark.requirement("R7")
def test_several_links_in_one_browser(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    """The cookie keeps the latest five, and stays small."""
    paths = [link() for _ in range(6)]
    for path in paths:
        browser.submit(f"{path}/confirm", code=ask_for_code(browser, portal, path))
    assert [MESSAGE in browser.get(path).text for path in paths] == [False] + [True] * 5
    assert len(browser.cookie("proof") or "") < 1200


@pytest.mark.requirement("R44")
def test_too_many_codes(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    """429 says when; the sixth sends no mail."""
    path = link()
    browser.get(path)
    for _ in range(5):
        browser.get(path)
        browser.submit(f"{path}/code")
    before = len(list_mails(portal))
    page = browser.submit(f"{path}/code", 429)
    assert 0 < int(page.headers["Retry-After"]) <= 3601
    assert "in 60 minutes" in page.text or "in 61 minutes" in page.text
    assert len(list_mails(portal)) == before


def test_too_many_tries(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    path = link()
    code = ask_for_code(browser, portal, path)
    for _ in range(5):
        browser.submit(f"{path}/confirm", code=make_other_code(code))
    page = browser.submit(f"{path}/confirm", 429, code=code)
    assert int(page.headers["Retry-After"]) >= 1
    assert "Send me a code" in page.text


@pytest.mark.requirement("R16", "R42")
def test_looking_sends_no_code(
    new_browser: Callable[[], Browser], portal: Running, link: Callable[..., str]
) -> None:
    """Scanners look at every address there is, and press nothing."""
    path = link()
    before, sent = read_state(portal), len(list_mails(portal))
    for place in range(10):
        reader = new_browser()
        reader.get(path, headers={"User-Agent": f"scanner {place}"})
        reader.ask("HEAD", path, 200)
        for step in ("code", "confirm", "password", "download"):
            assert reader.ask("GET", f"{path}/{step}", 303).location == path
    assert (read_state(portal), len(list_mails(portal))) == (before, sent)


def test_a_mail_that_cannot_go_is_told(
    browser: Browser, portal: Running, link: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = link()

    def refuse(letter: object) -> str:
        raise MailRefused()

    monkeypatch.setattr(portal.portal.services.mailer, "send", refuse)
    browser.get(path)
    page = browser.submit(f"{path}/code", 502)
    assert "did not accept this email" in page.text
    assert "Send me a code" in page.text


@pytest.mark.requirement("R45")
def test_what_is_over_is_over_before_the_code(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    """The reason, and nothing else; no code is sent for it."""
    path = link()
    browser.get(path)
    portal.clock.turn(days=9)
    sent = len(list_mails(portal))
    for page in (browser.get(path, 410), browser.submit(f"{path}/code", 410)):
        assert "This share has expired." in page.text
        assert "Clara" not in page.text
    assert len(list_mails(portal)) == sent


@pytest.mark.requirement("R45")
def test_unknown_links_look_alike_at_every_step(browser: Browser, link: Callable[..., str]) -> None:
    path = link()
    browser.get(path)
    secret = browser.page.fields(f"{path}/code") if browser.page else {}
    forged = (path[:-1] + ("B" if path[-1] != "B" else "C"), "/d/x", "/d/" + "0" * 95)
    data = secret | {"code": "123456", "password": "x"}
    texts = {
        browser.ask("POST", f"{each}/{step}", 404, data=data).text
        for each in forged
        for step in ("code", "confirm", "password")
    }
    assert len(texts) == 1


@pytest.mark.requirement("R14")
def test_forms_need_this_browsers_page(browser: Browser, link: Callable[..., str]) -> None:
    path = link()
    for step in ("code", "confirm", "password"):
        browser.ask("POST", f"{path}/{step}", 400, data={"code": "123456", "password": "x"})


def test_a_signed_in_recipient_goes_straight_in(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    path = link(recipients_text="Ana@example.org")
    sign_in(browser)
    assert MESSAGE in browser.get(path).text
    assert "X-Amz-Signature" in browser.submit(f"{path}/download").location


def test_a_page_needs_three_calls_and_a_press_two(
    browser: Browser, portal: Running, link: Callable[..., str]
) -> None:
    path = link()
    with Calls(portal) as asked:
        browser.get(path)
    browser.submit(f"{path}/confirm", code=ask_for_code(browser, portal, path))
    with Calls(portal) as looking:
        browser.get(path)
    with Calls(portal) as pressing:
        browser.submit(f"{path}/download")
    # The share with its recipient, then its files as they are now, and the note that the page was opened.
    assert asked.names == looking.names == ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]
    assert pressing.names == ["BatchGetItem", "TransactWriteItems"]


@pytest.mark.requirement("R65")
def test_no_log_holds_what_is_typed(
    browser: Browser, portal: Running, link: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the code nor the password, right or wrong, nor the cookie that comes of them."""
    caplog.set_level(logging.DEBUG, "portal")
    path = link(password="correct horse")
    code = ask_for_code(browser, portal, path)
    browser.submit(f"{path}/confirm", code=make_other_code(code))
    browser.submit(f"{path}/confirm", code=code)
    browser.get(path)
    browser.submit(f"{path}/password", password="wrong horse")
    browser.submit(f"{path}/password", password="correct horse")
    logged = "".join(JsonLines().format(each) for each in caplog.records)
    assert "wrong_code" in logged
    for secret in (code, make_other_code(code), "horse", browser.cookie("proof") or "", path[-43:]):
        assert secret not in re.sub(r"\d+\.\d+", "", logged)


def test_a_password_after_the_code(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    path = link(password="correct horse")
    code = ask_for_code(browser, portal, path)
    browser.page = page = browser.follow(browser.submit(f"{path}/confirm", code=code))
    assert page.document.one("input", name="password").attributes["type"] == "password"
    assert MESSAGE not in page.text
    for typed, said in (("", "Enter the password."), ("wrong", "That is not the password.")):
        assert said in browser.follow(browser.submit(f"{path}/password", password=typed)).text
    card = browser.follow(browser.submit(f"{path}/password", password=" correct horse"))
    assert MESSAGE in card.text


@pytest.mark.requirement("R24")
def test_typed_text_stays_text(browser: Browser, portal: Running, link: Callable[..., str]) -> None:
    """At both fields; nothing typed comes back."""
    path = link(confirm=False, password="correct horse")
    plain = len(browser.get(path).document.all("script"))
    for text in CORPUS[:4]:
        page = browser.follow(browser.submit(f"{path}/password", password=text))
        assert len(page.document.all("script")) == plain
        assert text not in page.answer.text
