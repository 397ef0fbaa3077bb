"""Choosing who gets in: the code and the password in the form of a new share."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.actions import link_token, list_mails, list_records, read_mailed_code, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.sharing import press
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.requirement("R44")


def ask_on_form(browser: Browser, portal: Running, **answers: Any) -> Page:
    me = sign_in(browser)
    file = upload_file(portal, me)
    browser.get(f"/shares/new?file={file.id}")
    given = {"recipients": "carol@partner.example", "file": [file.id]}
    return press(browser, "review", **(given | answers))


def test_the_form_confirms_unless_told_not_to(browser: Browser, portal: Running) -> None:
    """On by default; the review and the share's page say so, and the email too."""
    review = ask_on_form(browser, portal, password="correct horse")
    page = browser.follow(browser.submit("/shares/new", step="share"))
    for each in (review, page):
        assert "types a code that we send" in each.text
        assert "Required. Tell the recipients the password yourself." in each.text
    assert "correct horse" not in page.answer.text
    mail = list_mails(portal)[-1].body
    assert "sends a code to this address" in mail
    assert "correct horse" not in mail
    link = re.search(r"/d/[\w-]+", mail)
    assert link
    assert "Send me a code" in Browser(portal).get(link[0]).text
    assert list_records(portal, "share.created")


def test_a_code_can_be_left_out(browser: Browser, portal: Running) -> None:
    """Unticked is off, also after going back and forth."""
    me = sign_in(browser)
    file = upload_file(portal, me)
    form = browser.get(f"/shares/new?file={file.id}")
    fields = form.fields("/shares/new")
    assert fields.pop("confirm") == "y"
    given = fields | {"recipients": "carol@partner.example", "step": "review"}
    browser.follow(browser.ask("POST", "/shares/new", 303, data=given))
    for step in ("answers", "choose", "answers", "review"):
        assert "confirm" not in press(browser, step).fields("/shares/new")
    page = browser.follow(browser.submit("/shares/new", step="share"))
    assert "anyone with the link gets in" in page.text


def test_a_password_alone_is_not_called_an_open_door(browser: Browser, portal: Running) -> None:
    me = sign_in(browser)
    made = share_files(portal, me, [upload_file(portal, me)], password="correct horse")
    page = browser.get(f"/shares/{made.about}")
    assert "Required. Tell the recipients the password yourself." in page.text
    assert "anyone with the link" not in page.text
    assert "your address" not in Browser(portal).get(f"/d/{link_token(portal, made)}").text


def test_the_timeline_tells_of_codes(new_browser: Callable[[], Browser], portal: Running) -> None:
    """In the order things happened; who asked for a code at once was no scanner."""
    owner, partner = new_browser(), new_browser()
    made = share_files(portal, me := sign_in(owner), [upload_file(portal, me)], confirm=True)
    path = f"/d/{link_token(portal, made)}"
    portal.clock.turn(seconds=3)
    partner.get(path)
    assert "probably by an email scanner" in owner.get(f"/shares/{made.about}").text
    portal.clock.turn(seconds=1)
    partner.submit(f"{path}/code")
    partner.get(path)
    portal.clock.turn(seconds=1)
    partner.submit(f"{path}/confirm", code="000000" if read_mailed_code(portal) != "000000" else "1" * 6)
    portal.clock.turn(seconds=1)
    partner.submit(f"{path}/confirm", code=read_mailed_code(portal))
    said = owner.get(f"/shares/{made.about}").text
    assert "probably by an email scanner" not in said
    places = [
        said.index(each)
        for each in ("Address confirmed", "The code was wrong.", "Code sent", "nothing shown yet")
    ]
    assert places == sorted(places)
