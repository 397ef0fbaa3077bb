"""Asking for more, from both ends: the recipient's page, the sender's answer, and the mails between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.domain.errors import Unavailable
from portal.workflows.asking import GIVE_MORE, Answer
from portal.workflows.engine import run
from portal.workflows.revoke import WITHDRAW_SHARE, Withdraw
from portal.workflows.sweep import sweep
from tests.builders import Running
from tests.doing import (
    asked_by,
    downloaded,
    mails,
    new_id,
    recorded,
    rows,
    shared,
    somebody,
    state,
    token_of,
    uploaded,
)
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import CORPUS, Calls, signed_in
from tests.workflows.test_mail import Moody

ANA = somebody("Ana Lopes")


def ask(browser: Browser, link: str, status: int = 303, note: str = "") -> Page:
    """Open a link that is over, and press Ask."""
    page = browser.ask("GET", link, 410)
    return browser.ask("POST", f"{link}/ask", status, data=page.fields(f"{link}/ask") | {"note": note})


@pytest.fixture
def sender(new_browser: Callable[[], Browser]) -> Browser:
    return new_browser()


def test_expired_asked_and_given(browser: Browser, sender: Browser, portal: Running) -> None:
    """A week more, for everybody; each end is told by mail, and the old link works again."""
    me = signed_in(sender)
    made = shared(portal, me, [uploaded(portal, me)], recipients_text="partner@example.com, ben@example.com")
    link, page = f"/d/{token_of(portal, made)}", f"/shares/{made.about}"
    portal.clock.turn(days=9)
    signed_in(sender)
    ask(browser, link, note="The builders\nneed it again.")
    assert "You have asked the sender" in browser.ask("GET", link, 410).text
    asked = mails(portal)[-1]
    assert asked.destinations["ToAddresses"] == [me.address]
    assert "partner asks for more" in asked.subject
    shown = sender.get(page)
    assert "partner@example.com asks for more" in shown.text
    assert "The builders need it again." in shown.text
    more = f"{page}/recipients/{made.recipients[0].id}/more"
    given = sender.follow(sender.submit(more))
    assert "asks for more" not in given.text
    assert browser.get(link).heading == "Ana Lopes sent you a file"
    assert browser.get(f"/d/{token_of(portal, made, 1)}")
    assert link in mails(portal)[-1].body
    assert mails(portal)[-1].destinations["ToAddresses"] == ["partner@example.com"]
    assert len(recorded(portal, "recipient.given_more")) == 1


def test_spent_asked_and_given_once(browser: Browser, sender: Browser, portal: Running) -> None:
    """One more download of each file, for who asked; answering twice gives it once (I7)."""
    me = signed_in(sender)
    file = uploaded(portal, me)
    made = shared(portal, me, [file], download_limit=1, recipients_text="partner@example.com, b@example.com")
    token = token_of(portal, made)
    downloaded(portal, token, file)
    ask(browser, f"/d/{token}")
    answers = sender.get(f"/shares/{made.about}")
    more = f"/shares/{made.about}/recipients/{made.recipients[0].id}/more"
    assert "Give one more download" in answers.form(more).text
    sender.submit(more)
    sender.ask("POST", more, 409, data=answers.fields(more))
    assert "1 download left" in browser.get(f"/d/{token}").text
    downloaded(portal, token, file, new_id(portal))
    assert "All downloads" in browser.ask("GET", f"/d/{token}", 410).text


def test_declined(browser: Browser, sender: Browser, portal: Running) -> None:
    me = signed_in(sender)
    made = shared(portal, me, [uploaded(portal, me)])
    link = f"/d/{token_of(portal, made)}"
    portal.clock.turn(days=9)
    signed_in(sender)
    ask(browser, link)
    sender.get(f"/shares/{made.about}")
    sender.submit(f"/shares/{made.about}/recipients/{made.recipients[0].id}/decline")
    last = mails(portal)[-1]
    assert "Ana Lopes has declined your request" in last.subject
    assert "/d/" not in last.body
    assert "the sender has declined" in browser.ask("GET", link, 410).text
    assert not browser.ask("GET", link, 410).document.all("textarea")
    portal.clock.turn(days=1, seconds=1)
    ask(browser, link)


def test_once_a_day_and_three_at_a_time(browser: Browser, portal: Running) -> None:
    """Each recipient once a day, three open requests a share; an unanswered one may be repeated."""
    people = "a@example.com, b@example.com, c@example.com, d@example.com"
    made = shared(portal, ANA, [uploaded(portal, ANA)], recipients_text=people)
    links = [f"/d/{token_of(portal, made, place)}" for place in range(4)]
    portal.clock.turn(days=9)
    first = browser.ask("GET", links[0], 410).fields(f"{links[0]}/ask")
    for link in links[:3]:
        ask(browser, link)
    asked = len(mails(portal))
    again = browser.ask("POST", f"{links[0]}/ask", 429, data=first)
    assert again.headers["Retry-After"] == str(24 * 3600)
    assert "Several people have asked" in ask(browser, links[3], 429).text
    assert len(mails(portal)) == asked
    portal.clock.turn(days=1, seconds=1)
    ask(browser, links[0])
    ask(browser, links[3], 429)
    assert len(mails(portal)) == asked + 1


def test_what_was_withdrawn_offers_nothing(browser: Browser, sender: Browser, portal: Running) -> None:
    """R47, R48: neither before the press nor after it."""
    me = signed_in(sender)
    made = shared(portal, me, [uploaded(portal, me)])
    link = f"/d/{token_of(portal, made)}"
    portal.clock.turn(days=9)
    signed_in(sender)
    fields = browser.ask("GET", link, 410).fields(f"{link}/ask")
    run(WITHDRAW_SHARE, Withdraw(**asked_by(me, portal), share_id=made.about), portal.portal.services)
    assert not browser.ask("GET", link, 410).document.all("textarea")
    before = state(portal)
    browser.ask("POST", f"{link}/ask", 410, data=fields)
    assert state(portal) == before


def test_what_is_open_needs_no_asking(browser: Browser, portal: Running) -> None:
    made = shared(portal, ANA, [uploaded(portal, ANA)])
    link = f"/d/{token_of(portal, made)}"
    page = browser.get(link)
    secret = next(each for each in page.document.all("input", name="csrf_token")).attributes["value"]
    before = state(portal)
    browser.ask("POST", f"{link}/ask", 409, data={"csrf_token": secret})
    browser.ask("POST", f"{link[:-1]}x/ask", 404, data={"csrf_token": secret})
    assert state(portal) == before


def test_only_the_owner_answers(browser: Browser, sender: Browser, portal: Running) -> None:
    """R11: somebody else's request is as good as none."""
    made = shared(portal, ANA, [uploaded(portal, ANA)])
    link = f"/d/{token_of(portal, made)}"
    portal.clock.turn(days=9)
    ask(browser, link)
    signed_in(sender, "Ben Okoro")
    secret = sender.get("/account").fields("/account/sign-out-everywhere")["csrf_token"]
    for answer in ("more", "decline"):
        path = f"/shares/{made.about}/recipients/{made.recipients[0].id}/{answer}"
        sender.ask("POST", path, 404, data={"csrf_token": secret})


def test_looking_at_what_is_over_costs_two_calls(browser: Browser, portal: Running) -> None:
    """And changes nothing (R16, R42)."""
    made = shared(portal, ANA, [uploaded(portal, ANA)])
    link = f"/d/{token_of(portal, made)}"
    portal.clock.turn(days=9)
    before = state(portal)
    with Calls(portal) as looking:
        browser.ask("GET", link, 410)
    assert looking.names == ["BatchGetItem", "PutItem"]
    assert state(portal) == before


@pytest.mark.parametrize("nasty", CORPUS)
def test_a_note_stays_text(browser: Browser, sender: Browser, portal: Running, nasty: str) -> None:
    """R24, R56: on the page and in the mail."""
    me = signed_in(sender)
    made = shared(portal, me, [uploaded(portal, me)])
    portal.clock.turn(days=9)
    signed_in(sender)
    link = f"/d/{token_of(portal, made)}"
    if len(nasty) > 300:
        ask(browser, link, 400, note=nasty)
        return
    ask(browser, link, note=nasty)
    page = sender.get(f"/shares/{made.about}")
    assert not [each for each in page.document.all("script") if "alert" in each.text]
    assert "<script>alert" not in mails(portal)[-1].body.split("<html")[-1]
    assert "49" not in mails(portal)[-1].subject


def test_giving_more_copies_no_password(browser: Browser, sender: Browser, portal: Running) -> None:
    """What lists show of a share has neither its password's hash nor its other recipients."""
    me = signed_in(sender)
    file = uploaded(portal, me)
    people = "partner@example.com, ben@example.com"
    made = shared(portal, me, [file], password="correct horse", recipients_text=people)
    portal.clock.turn(days=9)
    signed_in(sender)
    ask(browser, f"/d/{token_of(portal, made)}")
    sender.get(f"/shares/{made.about}")
    sender.submit(f"/shares/{made.about}/recipients/{made.recipients[0].id}/more")
    copies = [item["share"]["M"] for item in rows(portal) if item["sk"]["S"].startswith("RECIPIENT#")]
    assert len(copies) == 2
    assert {copy["version"]["N"] for copy in copies} == {"2"}
    for copy in copies:
        assert not copy.get("password_hash", {}).get("S")
        assert not copy.get("addresses", {}).get("L")


def test_more_days_send_what_came_too_late(browser: Browser, portal: Running) -> None:
    """I2: another's invitation that its share outlived goes out once the share is open again."""
    mailer = Moody(failures=[Unavailable(), Unavailable()])
    services = replace(portal.portal.services, mailer=mailer)
    late = replace(portal, portal=replace(portal.portal, services=services))
    people = "partner@example.com, ben@example.com"
    made = shared(late, ANA, [uploaded(portal, ANA)], recipients_text=people)
    portal.clock.turn(days=9)
    sweep(services, lambda: 60.0)
    ask(browser, f"/d/{token_of(portal, made)}")
    context = Answer(**asked_by(ANA, portal), share_id=made.about, recipient_id=made.recipients[0].id)
    run(GIVE_MORE, context, services)
    portal.clock.turn(minutes=1)
    sweep(services, lambda: 60.0)
    to = [letter.to for letter in mailer.sent if letter.to != ANA.address]
    assert sorted(to) == sorted(each.address for each in made.recipients)
