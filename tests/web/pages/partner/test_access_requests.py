"""Asking for more, from both ends: the recipient's page, the sender's answer, and the emails between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.domain.errors import Unavailable
from portal.engine.workflow import run
from portal.workflows.shares.access_requests import APPROVE_REQUEST, AnswerRequest
from portal.workflows.upkeep.sweep import sweep
from tests.actions import (
    download_file,
    link_token,
    list_mails,
    list_records,
    list_rows,
    make_id,
    make_person,
    make_request,
    read_state,
    share_files,
    upload_file,
    withdraw_share,
)
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import CORPUS, Calls, sign_in
from tests.workflows.mail.test_mail_jobs import Moody

ANA = make_person("Ana Lopes")


def ask(browser: Browser, link: str, status: int = 303, note: str = "") -> Page:
    """Open a link that is over, and press Ask."""
    page = browser.ask("GET", link, 410)
    return browser.ask("POST", f"{link}/ask", status, data=page.fields(f"{link}/ask") | {"note": note})


@pytest.fixture
def sender(new_browser: Callable[[], Browser]) -> Browser:
    return new_browser()


def test_expired_asked_and_given(browser: Browser, sender: Browser, portal: Running) -> None:
    """A week more, for everyone; each end is told by email, and the old link works again."""
    me = sign_in(sender)
    made = share_files(
        portal, me, [upload_file(portal, me)], recipients_text="partner@example.com, ben@example.com"
    )
    link, page = f"/d/{link_token(portal, made)}", f"/shares/{made.about}"
    portal.clock.turn(days=9)
    sign_in(sender)
    ask(browser, link, note="The builders\nneed it again.")
    assert "You have asked the sender" in browser.ask("GET", link, 410).text
    asked = list_mails(portal)[-1]
    assert asked.destinations["ToAddresses"] == [me.address]
    assert "partner asks for more" in asked.subject
    shown = sender.get(page)
    assert "partner@example.com asks for more" in shown.text
    assert "The builders need it again." in shown.text
    more = f"{page}/recipients/{made.recipients[0].id}/more"
    given = sender.follow(sender.submit(more))
    assert "asks for more" not in given.text
    assert browser.get(link).heading == "Ana Lopes sent you a file"
    assert browser.get(f"/d/{link_token(portal, made, 1)}")
    assert link in list_mails(portal)[-1].body
    assert list_mails(portal)[-1].destinations["ToAddresses"] == ["partner@example.com"]
    assert len(list_records(portal, "recipient.given_more")) == 1


@pytest.mark.requirement("I7")
def test_spent_asked_and_given_once(browser: Browser, sender: Browser, portal: Running) -> None:
    """One more download of each file, for who asked; answering twice gives it once."""
    me = sign_in(sender)
    file = upload_file(portal, me)
    made = share_files(
        portal, me, [file], download_limit=1, recipients_text="partner@example.com, b@example.com"
    )
    token = link_token(portal, made)
    download_file(portal, token, file)
    ask(browser, f"/d/{token}")
    answers = sender.get(f"/shares/{made.about}")
    more = f"/shares/{made.about}/recipients/{made.recipients[0].id}/more"
    assert "Give one more download" in answers.form(more).text
    sender.submit(more)
    sender.ask("POST", more, 409, data=answers.fields(more))
    assert "1 download left" in browser.get(f"/d/{token}").text
    download_file(portal, token, file, make_id(portal))
    assert "All downloads" in browser.ask("GET", f"/d/{token}", 410).text


def test_declined(browser: Browser, sender: Browser, portal: Running) -> None:
    me = sign_in(sender)
    made = share_files(portal, me, [upload_file(portal, me)])
    link = f"/d/{link_token(portal, made)}"
    portal.clock.turn(days=9)
    sign_in(sender)
    ask(browser, link)
    sender.get(f"/shares/{made.about}")
    sender.submit(f"/shares/{made.about}/recipients/{made.recipients[0].id}/decline")
    last = list_mails(portal)[-1]
    assert "Ana Lopes has declined your request" in last.subject
    assert "/d/" not in last.body
    assert "the sender has declined" in browser.ask("GET", link, 410).text
    assert not browser.ask("GET", link, 410).document.all("textarea")
    portal.clock.turn(days=1, seconds=1)
    ask(browser, link)


def test_once_a_day_and_three_at_a_time(browser: Browser, portal: Running) -> None:
    """Each recipient once a day, three open requests a share; an unanswered one may be repeated."""
    people = "a@example.com, b@example.com, c@example.com, d@example.com"
    made = share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text=people)
    links = [f"/d/{link_token(portal, made, place)}" for place in range(4)]
    portal.clock.turn(days=9)
    first = browser.ask("GET", links[0], 410).fields(f"{links[0]}/ask")
    for link in links[:3]:
        ask(browser, link)
    asked = len(list_mails(portal))
    again = browser.ask("POST", f"{links[0]}/ask", 429, data=first)
    assert again.headers["Retry-After"] == str(24 * 3600)
    assert "Several people have already asked" in ask(browser, links[3], 429).text
    assert len(list_mails(portal)) == asked
    portal.clock.turn(days=1, seconds=1)
    ask(browser, links[0])
    ask(browser, links[3], 429)
    assert len(list_mails(portal)) == asked + 1


@pytest.mark.requirement("R47", "R48")
def test_what_was_withdrawn_offers_nothing(browser: Browser, sender: Browser, portal: Running) -> None:
    """Neither before the press nor after it."""
    me = sign_in(sender)
    made = share_files(portal, me, [upload_file(portal, me)])
    link = f"/d/{link_token(portal, made)}"
    portal.clock.turn(days=9)
    sign_in(sender)
    fields = browser.ask("GET", link, 410).fields(f"{link}/ask")
    withdraw_share(portal, me, made.about)
    assert not browser.ask("GET", link, 410).document.all("textarea")
    before = read_state(portal)
    browser.ask("POST", f"{link}/ask", 410, data=fields)
    assert read_state(portal) == before


def test_what_is_open_needs_no_asking(browser: Browser, portal: Running) -> None:
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    link = f"/d/{link_token(portal, made)}"
    page = browser.get(link)
    secret = next(each for each in page.document.all("input", name="csrf_token")).attributes["value"]
    before = read_state(portal)
    browser.ask("POST", f"{link}/ask", 409, data={"csrf_token": secret})
    browser.ask("POST", f"{link[:-1]}x/ask", 404, data={"csrf_token": secret})
    assert read_state(portal) == before


@pytest.mark.requirement("R11")
def test_only_the_owner_answers(browser: Browser, sender: Browser, portal: Running) -> None:
    """Someone else's request is treated as missing."""
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    link = f"/d/{link_token(portal, made)}"
    portal.clock.turn(days=9)
    ask(browser, link)
    sign_in(sender, "Ben Okoro")
    secret = sender.get("/account").fields("/account/sign-out-everywhere")["csrf_token"]
    for answer in ("more", "decline"):
        path = f"/shares/{made.about}/recipients/{made.recipients[0].id}/{answer}"
        sender.ask("POST", path, 404, data={"csrf_token": secret})


@pytest.mark.requirement("R16", "R42")
def test_looking_at_what_is_over_costs_two_calls(browser: Browser, portal: Running) -> None:
    """And changes nothing."""
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    link = f"/d/{link_token(portal, made)}"
    portal.clock.turn(days=9)
    before = read_state(portal)
    with Calls(portal) as looking:
        browser.ask("GET", link, 410)
    assert looking.names == ["BatchGetItem", "TransactWriteItems"]
    assert read_state(portal) == before


@pytest.mark.requirement("R24", "R56")
@pytest.mark.parametrize("nasty", CORPUS)
def test_a_note_stays_text(browser: Browser, sender: Browser, portal: Running, nasty: str) -> None:
    """On the page and in the mail."""
    me = sign_in(sender)
    made = share_files(portal, me, [upload_file(portal, me)])
    portal.clock.turn(days=9)
    sign_in(sender)
    link = f"/d/{link_token(portal, made)}"
    if len(nasty) > 300:
        ask(browser, link, 400, note=nasty)
        return
    ask(browser, link, note=nasty)
    page = sender.get(f"/shares/{made.about}")
    assert not [each for each in page.document.all("script") if "alert" in each.text]
    assert "<script>alert" not in list_mails(portal)[-1].body.split("<html")[-1]
    assert "49" not in list_mails(portal)[-1].subject


def test_giving_more_copies_no_password(browser: Browser, sender: Browser, portal: Running) -> None:
    """What lists show of a share has neither its password's hash nor its other recipients."""
    me = sign_in(sender)
    file = upload_file(portal, me)
    people = "partner@example.com, ben@example.com"
    made = share_files(portal, me, [file], password="correct horse", recipients_text=people)
    portal.clock.turn(days=9)
    sign_in(sender)
    ask(browser, f"/d/{link_token(portal, made)}")
    sender.get(f"/shares/{made.about}")
    sender.submit(f"/shares/{made.about}/recipients/{made.recipients[0].id}/more")
    copies = [item["share"]["M"] for item in list_rows(portal) if item["sk"]["S"].startswith("RECIPIENT#")]
    assert len(copies) == 2
    assert {copy["version"]["N"] for copy in copies} == {"2"}
    for copy in copies:
        assert not copy.get("password_hash", {}).get("S")
        assert not copy.get("addresses", {}).get("L")


@pytest.mark.requirement("I2")
def test_more_days_send_what_came_too_late(browser: Browser, portal: Running) -> None:
    """Another's invitation that its share outlived goes out once the share is open again."""
    mailer = Moody(failures=[Unavailable(), Unavailable()])
    services = replace(portal.portal.services, mailer=mailer)
    late = replace(portal, portal=replace(portal.portal, services=services))
    people = "partner@example.com, ben@example.com"
    made = share_files(late, ANA, [upload_file(portal, ANA)], recipients_text=people)
    portal.clock.turn(days=9)
    sweep(services, lambda: 60.0)
    ask(browser, f"/d/{link_token(portal, made)}")
    context = AnswerRequest(
        make_request(ANA, portal), share_id=made.about, recipient_id=made.recipients[0].id
    )
    run(APPROVE_REQUEST, context, services)
    portal.clock.turn(minutes=1)
    sweep(services, lambda: 60.0)
    to = [letter.to for letter in mailer.sent if letter.to != ANA.address]
    assert sorted(to) == sorted(each.address for each in made.recipients)


@pytest.mark.requirement("R80")
@pytest.mark.parametrize("why", ["stale", "no cookie", "too long", "many asked"])
def test_a_note_that_was_not_sent_is_still_there(
    browser: Browser, sender: Browser, portal: Running, why: str
) -> None:
    me = sign_in(sender)
    people = ", ".join(f"{name}@example.com" for name in "abcd")
    made = share_files(portal, me, [upload_file(portal, me)], recipients_text=people)
    links = [f"/d/{link_token(portal, made, place)}" for place in range(4)]
    portal.clock.turn(days=60)
    if why == "many asked":
        for link in links[1:]:
            ask(browser, link)
    note = "The builders & I need it again." + " Please!" * (50 if why == "too long" else 1)
    fields = browser.ask("GET", links[0], 410).fields(f"{links[0]}/ask") | {"note": note}
    if why == "no cookie":
        browser.client.delete_cookie("__Host-visitor", domain="files.example.org")
    if why in {"stale", "no cookie"}:
        fields["csrf_token"] = "of another session"
    status = 429 if why == "many asked" else 400
    page = browser.ask("POST", f"{links[0]}/ask", status, data=fields)
    assert page.document.one("textarea").text.strip() == note
    assert page.document.one("div", role="alert").text.strip()
    again = page.fields(f"{links[0]}/ask")
    if why == "stale":
        browser.ask("POST", f"{links[0]}/ask", 303, data=again)


@pytest.mark.requirement("R14", "R80")
def test_a_note_from_another_site_is_not_shown(browser: Browser, sender: Browser, portal: Running) -> None:
    me = sign_in(sender)
    link = f"/d/{link_token(portal, share_files(portal, me, [upload_file(portal, me)]))}"
    portal.clock.turn(days=60)
    browser.ask("GET", link, 410)
    foreign = {"Referer": "https://evil.example/", "Origin": "https://evil.example"}
    page = browser.ask("POST", f"{link}/ask", data={"note": "send money"}, headers=foreign)
    assert page.status in {400, 403}
    assert "send money" not in page.text
