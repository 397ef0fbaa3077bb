"""In control after sending, on pages: what is changed, and what is said where two change it at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.domain.people.person import Person
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import link_token, list_mails, read_state, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import CORPUS, Calls, sign_in


@pytest.fixture
def made(portal: Running, ana: Person) -> ShareFiles:
    return share_files(portal, ana, [upload_file(portal, ana)], download_limit=3, message="One\n  two")


def day(portal: Running, days: int) -> str:
    return (portal.clock() + timedelta(days=days)).date().isoformat()


@pytest.mark.dates
def test_the_form_opens_with_what_the_share_says(browser: Browser, portal: Running, made: ShareFiles) -> None:
    path = f"/shares/{made.about}"
    address = browser.get(path).links["Change"]
    with Calls(portal) as calls:
        form = browser.get(address)
    assert len(calls.names) <= 2
    fields = form.fields(f"{path}/edit")
    assert (fields["expires_on"], fields["download_limit"]) == (day(portal, 7), "3")
    assert "Nothing was changed." in browser.follow(browser.submit(f"{path}/edit")).text


@pytest.mark.requirement("R47", "R48")
@pytest.mark.dates
def test_what_is_changed_holds_at_once(browser: Browser, portal: Running, made: ShareFiles) -> None:
    """The partner's page says so, and the share's page names who changed what."""
    path = f"/shares/{made.about}"
    browser.get(f"{path}/edit")
    answer = browser.submit(
        f"{path}/edit", expires_on=day(portal, 0), download_limit="1", message="New words"
    )
    page = browser.follow(answer)
    assert "The share is changed." in page.text
    card = browser.get(f"/d/{link_token(portal, made)}")
    for said in ("1 download left", "New words", "23:59"):
        assert said in card.text
    portal.clock.turn(days=1)
    browser.get(f"/d/{link_token(portal, made)}", 410)


@pytest.mark.requirement("R47")
@pytest.mark.dates
def test_an_expired_share_is_extended_from_its_page(
    browser: Browser, portal: Running, ana: Person, made: ShareFiles
) -> None:
    portal.clock.turn(days=20)
    sign_in(browser)
    path = f"/shares/{made.about}"
    form = browser.get(browser.get(path).links["Extend"])
    assert form.heading == "Extend this share"
    refused = browser.submit(f"{path}/edit", 400)
    assert "Choose a new expiry date" in refused.document.one("div", role="alert").text
    browser.submit(f"{path}/edit", expires_on=day(portal, 3))
    assert browser.get(f"/d/{link_token(portal, made)}").status == 200


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"expires_on": "soon"}, "as a date"),
        ({"expires_on": ""}, "as a date"),
        ({"expires_on": "2020-02-29"}, "must not be in the past"),
        ({"expires_on": "9999-12-31"}, "at most 90 days away"),
        ({"download_limit": "1.5"}, "whole number"),
        ({"download_limit": "0"}, "from 1 to 100"),
        ({"message": "x" * 2001}, "at most 2000 characters"),
        ({"download_limit": "-1"}, "from 1 to 100"),
        ({"download_limit": "101"}, "from 1 to 100"),
        ({"password": "short"}, "from 8 to 128 characters"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(
    browser: Browser, portal: Running, made: ShareFiles, answers: dict[str, str], sentence: str
) -> None:
    path = f"/shares/{made.about}/edit"
    browser.get(path)
    before = read_state(portal)
    page = browser.submit(path, 400, **answers)
    assert sentence in page.document.one("div", role="alert").text
    [(name, typed)] = answers.items()
    assert page.fields(path)[name] == typed
    assert read_state(portal) == before


@pytest.mark.requirement("R63")
def test_of_two_who_change_it_at_once_nobody_loses_anything(
    new_browser: Callable[[], Browser], browser: Browser, portal: Running, made: ShareFiles
) -> None:
    """The second is told who changed what; where both typed both stand, the rest is taken over."""
    path = f"/shares/{made.about}/edit"
    browser.get(path)
    admin = new_browser()
    sign_in(admin, "Ada Minh", "admins")
    admin.get(path)
    admin.submit(path, expires_on=day(portal, 30), message="Ada's words")
    conflict = browser.submit(path, 409, download_limit="5", message="Ana's words")
    assert "Ada Minh changed the share. It now expires on" in conflict.text
    assert "Someone else wrote this: “Ada's words”" in conflict.text
    kept = conflict.fields(path)
    assert (kept["message"], kept["download_limit"], kept["expires_on"]) == (
        "Ana's words", "5", day(portal, 30),
    )  # fmt: skip
    browser.page = conflict
    browser.submit(path)
    final = browser.get(path).fields(path)
    assert (final["message"], final["download_limit"], final["expires_on"]) == (
        "Ana's words", "5", day(portal, 30),
    )  # fmt: skip


@pytest.mark.requirement("R44", "R48")
def test_who_gets_in_is_changed_on_the_page(browser: Browser, portal: Running, made: ShareFiles) -> None:
    """The page says what is asked, the password stands nowhere, and the history tells it."""
    path = f"/shares/{made.about}"
    form = browser.get(f"{path}/edit")
    assert "confirm" not in form.fields(f"{path}/edit")
    assert "Remove the password" not in form.text
    answer = browser.submit(f"{path}/edit", confirm="y", password="correct horse", notify="never")
    page = browser.follow(answer)
    for said in (
        "types a code",
        "Required. Tell",
        "never about downloads",
        "A password is now required.",
    ):
        assert said in page.text
    assert "Send me a code" in Browser(portal).get(f"/d/{link_token(portal, made)}").text
    form = browser.get(f"{path}/edit")
    assert "correct horse" not in page.answer.text + form.answer.text
    fields = form.fields(f"{path}/edit")
    assert (fields["confirm"], fields["preview"], fields["notify"]) == ("y", "y", "never")
    fields.pop("preview")
    browser.ask("POST", f"{path}/edit", 303, data=fields | {"no_password": "y"})
    page = browser.get(path)
    assert "A password is no longer required. The files can no longer be viewed" in page.text
    assert "Required. Tell" not in page.text


def test_a_box_that_was_not_in_the_form_stays_as_it_is(
    browser: Browser, portal: Running, made: ShareFiles
) -> None:
    """A form that was open before there was such a box switches no check off by leaving it out."""
    path = f"/shares/{made.about}/edit"
    browser.get(path)
    browser.submit(path, confirm="y")
    kept = ("csrf_token", "version", "expires_on", "download_limit", "message")
    given = {name: browser.get(path).fields(path)[name] for name in kept}
    browser.ask("POST", path, 303, data=given | {"message": "New", "seen_message": "One\n  two"})
    share = portal.portal.services.shares.get(made.about)
    assert share is not None
    assert (share.confirm, share.preview, share.message) == (True, True, "New")


@pytest.mark.requirement("R63")
def test_a_box_that_two_change_is_said_at_the_box(
    new_browser: Callable[[], Browser], browser: Browser, portal: Running, made: ShareFiles
) -> None:
    path = f"/shares/{made.about}/edit"
    browser.get(path)
    admin = new_browser()
    sign_in(admin, "Ada Minh", "admins")
    admin.get(path)
    admin.submit(path, confirm="y", notify="every")
    conflict = browser.submit(path, 409, notify="never", password="correct horse")
    assert "What you chose is still here." in conflict.text
    kept = conflict.fields(path)
    assert (kept["confirm"], kept["notify"], kept["password"]) == ("y", "never", "correct horse")


@pytest.mark.requirement("I7")
def test_the_same_form_sent_twice_is_one_change(browser: Browser, portal: Running, made: ShareFiles) -> None:
    path = f"/shares/{made.about}/edit"
    form = browser.get(path)
    browser.submit(path, message="Other")
    before = read_state(portal)
    browser.page = form
    browser.submit(path, message="Other")
    assert read_state(portal) == before


@pytest.mark.requirement("R47")
@pytest.mark.dates
def test_the_same_day_in_another_zone_moves_nothing(
    browser: Browser, portal: Running, made: ShareFiles
) -> None:
    """Whoever saves from elsewhere without touching the day leaves the share's end where it is."""
    before = portal.portal.services.shares.get(made.about)
    browser.client.set_cookie("zone", "Pacific/Auckland", domain="files.example.org")
    browser.get(f"/shares/{made.about}/edit")
    browser.submit(f"/shares/{made.about}/edit", message="Other")
    after = portal.portal.services.shares.get(made.about)
    assert before is not None
    assert after is not None
    assert (after.expires_at, after.message) == (before.expires_at, "Other")


def test_what_is_withdrawn_cannot_be_changed(browser: Browser, portal: Running, made: ShareFiles) -> None:
    path = f"/shares/{made.about}"
    browser.get(path)
    browser.submit(f"{path}/withdraw")
    assert "Change" not in browser.get(path).links
    assert "Share the files again" in browser.get(f"{path}/edit", 409).text


@pytest.mark.requirement("R11")
def test_foreign_shares_are_not_there(
    new_browser: Callable[[], Browser], portal: Running, made: ShareFiles
) -> None:
    other = new_browser()
    sign_in(other, "Ben Okoro")
    other.get(f"/shares/{made.about}/edit", 404)
    fields = {"csrf_token": other.get("/account").fields("/account/delete")["csrf_token"], "version": "1"}
    for given in (fields, fields | {"expires_on": day(portal, 9)}):
        other.ask("POST", f"/shares/{made.about}/edit", 404, data=given)


@pytest.mark.requirement("R24")
def test_typed_text_stays_text(browser: Browser, portal: Running, made: ShareFiles) -> None:
    path, text = f"/shares/{made.about}/edit", "\n".join(CORPUS)
    plain = len(browser.get(path).document.all("script", "img", "b"))
    browser.submit(path, message=text)
    assert len(browser.get(path).document.all("script", "img", "b")) == plain
    assert "Nothing was changed." in browser.follow(browser.submit(path)).text


@pytest.mark.requirement("R51")
def test_recipients_are_added(browser: Browser, portal: Running, made: ShareFiles) -> None:
    """Each gets an email of their own; who is there is named and gets none."""
    path = f"/shares/{made.about}"
    address = browser.get(path).links["Add recipients"]
    with Calls(portal) as calls:
        browser.get(address)
    assert len(calls.names) <= 4  # the session, the share, one's groups and the organisation's
    page = browser.follow(
        browser.submit(f"{path}/recipients", recipients="new@x.example, partner@example.com")
    )
    assert "1 person was added." in page.text
    assert "who already have this share: partner@example.com." in page.text
    assert "2 people" in page.text
    assert len(list_mails(portal)) == 2
    browser.get(address)
    refused = browser.submit(f"{path}/recipients", 400, recipients="nobody at all")
    assert "nobody at all" in refused.document.one("div", role="alert").text
    assert refused.fields(f"{path}/recipients")["recipients"] == "nobody at all"


@pytest.mark.requirement("R57", "I7")
def test_a_mail_is_sent_again_from_the_page(browser: Browser, portal: Running, made: ShareFiles) -> None:
    """Pressed twice it is one; five a day, then the page says so."""
    path = f"/shares/{made.about}"
    again = f"{path}/recipients/{made.recipients[0].id}/mail"
    page = browser.get(path)
    assert "with the same link" in browser.get(browser.submit(again).location.partition("#")[0]).text
    browser.page = page
    assert "already on its way" in browser.get(browser.submit(again).location.partition("#")[0]).text
    assert len(list_mails(portal)) == 2
    for _ in range(4):
        browser.get(path)
        browser.submit(again)
    browser.get(path)
    over = browser.submit(again, 429)
    assert "sent again 5 times today" in over.text
    assert int(over.headers["Retry-After"]) > 0


@pytest.mark.requirement("R11")
def test_an_administrator_is_offered_what_they_may_do(
    new_browser: Callable[[], Browser], portal: Running, made: ShareFiles
) -> None:
    """Change and withdraw, but have no email sent in someone else's name."""
    admin = new_browser()
    sign_in(admin, "Ada Minh", "admins")
    page = admin.get(f"/shares/{made.about}")
    assert "Change" in page.links
    assert "Add recipients" not in page.links
    assert "Send the email again" not in page.text
    admin.get(f"/shares/{made.about}/recipients", 404)
