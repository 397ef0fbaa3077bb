"""Choosing who gets in: the code and the password in the form of a new share (R44)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.builders import Running
from tests.doing import mailed_code, mails, recorded, shared, token_of, uploaded
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.sharing import press
from tests.web.signed_in import signed_in


def asked_on_form(browser: Browser, portal: Running, **answers: Any) -> Page:
    me = signed_in(browser)
    file = uploaded(portal, me)
    browser.get(f"/shares/new?file={file.id}")
    given = {"recipients": "carol@partner.example", "file": [file.id]}
    return press(browser, "review", **(given | answers))


def test_the_form_confirms_unless_told_not_to(browser: Browser, portal: Running) -> None:
    """On by default; the review and the share's page say so, and the mail too."""
    review = asked_on_form(browser, portal, password="correct horse")
    page = browser.follow(browser.submit("/shares/new", step="share"))
    for each in (review, page):
        assert "types a code that we send" in each.text
        assert "Asked for. Tell it to the recipients yourself." in each.text
    assert "correct horse" not in page.answer.text
    mail = mails(portal)[-1].body
    assert "sends a code to this address" in mail
    assert "correct horse" not in mail
    link = re.search(r"/d/[\w-]+", mail)
    assert link
    assert "Send me a code" in Browser(portal).get(link[0]).text
    assert recorded(portal, "share.created")


def test_a_code_can_be_left_out(browser: Browser, portal: Running) -> None:
    """Unticked is off, also after going back and forth."""
    me = signed_in(browser)
    file = uploaded(portal, me)
    form = browser.get(f"/shares/new?file={file.id}")
    fields = form.fields("/shares/new")
    assert fields.pop("confirm") == "y"
    given = fields | {"recipients": "carol@partner.example", "step": "review"}
    browser.follow(browser.ask("POST", "/shares/new", 303, data=given))
    for step in ("answers", "choose", "answers", "review"):
        assert "confirm" not in press(browser, step).fields("/shares/new")
    page = browser.follow(browser.submit("/shares/new", step="share"))
    assert "whoever has the link gets in" in page.text


def test_a_password_alone_is_not_called_an_open_door(browser: Browser, portal: Running) -> None:
    me = signed_in(browser)
    made = shared(portal, me, [uploaded(portal, me)], password="correct horse")
    page = browser.get(f"/shares/{made.about}")
    assert "Asked for. Tell it to the recipients yourself." in page.text
    assert "whoever has the link" not in page.text
    assert "your address" not in Browser(portal).get(f"/d/{token_of(portal, made)}").text


def test_the_timeline_tells_of_codes(new_browser: Callable[[], Browser], portal: Running) -> None:
    """In the order things happened; who asked for a code at once was no scanner."""
    owner, partner = new_browser(), new_browser()
    made = shared(portal, me := signed_in(owner), [uploaded(portal, me)], confirm=True)
    path = f"/d/{token_of(portal, made)}"
    portal.clock.turn(seconds=3)
    partner.get(path)
    assert "probably by a mail scanner" in owner.get(f"/shares/{made.about}").text
    portal.clock.turn(seconds=1)
    partner.submit(f"{path}/code")
    partner.get(path)
    portal.clock.turn(seconds=1)
    partner.submit(f"{path}/confirm", 400, code="000000" if mailed_code(portal) != "000000" else "1" * 6)
    portal.clock.turn(seconds=1)
    partner.submit(f"{path}/confirm", code=mailed_code(portal))
    said = owner.get(f"/shares/{made.about}").text
    assert "probably by a mail scanner" not in said
    places = [
        said.index(each)
        for each in ("Address confirmed", "It was not the code.", "Code sent", "nothing shown yet")
    ]
    assert places == sorted(places)
