"""Sharing on pages: from choosing files to the share's page, and back where something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.domain.files.file import File
from portal.domain.people.person import Person
from tests.actions import (
    link_token,
    list_mails,
    list_records,
    read_state,
    share_files,
    upload_file,
    visit_link,
)
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.sharing import NEW, press
from tests.web.signed_in import CORPUS, sign_in


def fill_form(browser: Browser, files: list[File], status: int = 200, **answers: str) -> Page:
    """Fill in the form for these files and ask for the review; the answer is then the open page."""
    browser.get(f"{NEW}?" + "&".join(f"file={file.id}" for file in files))
    given = {"recipients": "carol@partner.example", "file": [file.id for file in files]}
    return press(browser, "review", status, **(given | answers))


def list_people(page: Page) -> list[str]:
    """What opens each row of a share's table, without where on the page that is."""
    rows = page.document.all("a", **{"class": "person-link"})
    return [each.attributes["href"].partition("#")[0] for each in rows]


def test_files_are_chosen_reviewed_and_shared(browser: Browser, portal: Running, ana: Person) -> None:
    """Each recipient gets an email of their own with a link of their own; the sender sees both."""
    files = [upload_file(portal, ana, name) for name in ("plan.pdf", "photos.zip", "other.txt")]
    choosing = browser.get(NEW)
    assert {"plan", "photos", "other"} <= set(choosing.text.replace(".", " ").split())
    browser.get(f"{NEW}?step=answers&file={files[0].id}&file={files[1].id}")
    review = fill_form(browser, files[:2], recipients="carol@partner.example, Dave <dave@partner.example>",
                   message="As agreed.\nAna", last_day="14", download_limit="3")  # fmt: skip
    for said in ("plan", "photos", "carol@partner.example", "dave@partner.example", "As agreed.", "3 times"):
        assert said in review.text
    assert list_mails(portal) == []
    done = browser.follow(browser.submit(NEW, file=[each.id for each in files[:2]], step="share"))
    assert "Shared with 2 people." in done.text
    opened = [browser.get(address).document.one("input", readonly="") for address in list_people(done)]
    assert len({each.attributes["value"] for each in opened}) == 2
    assert sorted(each.destinations["ToAddresses"][0] for each in list_mails(portal)) == [
        "carol@partner.example",
        "dave@partner.example",
    ]


def test_what_is_wrong_is_said_where_it_is_and_nothing_is_lost(
    browser: Browser, portal: Running, ana: Person
) -> None:
    """Everything wrong at once, each at its field and in the summary; what was typed is still there."""
    file = upload_file(portal, ana)
    page = fill_form(browser, [file], 400, recipients="carol@partner.example, nobody at all", message="Hello",
                 last_day="date", expires_on="soon", download_limit="many")  # fmt: skip
    assert page.document.one("div", role="alert").text.count("nobody at all") == 1
    errors = {each.attributes["id"] for each in page.document.all("div", **{"class": "field-error"})}
    assert errors == {"recipients-error", "expires_on-error", "download_limit-error"}
    kept = page.fields(NEW)
    assert kept["recipients"] == "carol@partner.example, nobody at all"
    assert (kept["message"], kept["download_limit"]) == ("Hello", "many")
    assert list_mails(portal) == []


@pytest.mark.requirement("R47", "R51")
@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"recipients": ""}, "Add at least one recipient."),
        ({"file": []}, "Choose"),
        ({"download_limit": "101"}, "from 1 to 100"),
        ({"download_limit": "0"}, "from 1 to 100"),
        ({"last_day": "date", "expires_on": "2020-01-01"}, "must not be in the past"),
        ({"last_day": "date", "expires_on": "9999-12-31"}, "at most 90 days away"),
        ({"last_day": "date", "expires_on": ""}, "Choose an expiry date."),
        ({"message": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_rules_are_told_in_words(
    browser: Browser, portal: Running, ana: Person, answers: dict[str, str], sentence: str
) -> None:
    assert sentence in fill_form(browser, [upload_file(portal, ana)], 400, **answers).text


@pytest.mark.requirement("R51")
@pytest.mark.dates
def test_an_address_named_twice_is_said_and_gets_one_mail(
    browser: Browser, portal: Running, ana: Person
) -> None:
    page = fill_form(
        browser, [upload_file(portal, ana)], recipients="carol@partner.example\nCAROL@partner.example"
    )
    assert "Listed more than once" in page.text
    browser.submit(NEW, step="share")
    assert len(list_mails(portal)) == 1


def late_in_the_evening(portal: Running) -> str:
    """A zone in which it is past 23:00 now. The signs are turned round: Etc/GMT-3 is 3 hours ahead."""
    ahead = 23 - portal.clock().hour
    ahead -= 24 if ahead > 14 else 0
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


@pytest.mark.requirement("R51")
def test_one_submission_is_one_share(browser: Browser, portal: Running, ana: Person) -> None:
    """Again, also after midnight, is the same share; other answers under its id are refused."""
    browser.client.set_cookie("zone", late_in_the_evening(portal), domain="files.example.org")
    review = fill_form(browser, [upload_file(portal, ana)])
    first = browser.submit(NEW, step="share")
    for _ in range(3):
        portal.clock.turn(minutes=20)
        browser.get("/account")  # a session ends after half an hour without a request
    browser.page = review
    again = browser.submit(NEW, step="share")
    assert again.location == first.location
    assert "Nothing was sent twice." in browser.get(again.location).text
    fill_form(browser, [upload_file(portal, ana)])
    made = browser.submit(NEW, step="share")
    assert made.location != first.location
    other = browser.submit(NEW, 409, step="share", recipients="mallory@example.org")
    assert "already sent" in other.text
    assert len(list_mails(portal)) == 2


def test_back_keeps_every_answer(browser: Browser, portal: Running, ana: Person) -> None:
    """Back from the review, and on to other files: everything typed comes along, the submission's id too."""
    file = upload_file(portal, ana)
    review = fill_form(browser, [file], message="One\n  two", last_day="3", download_limit="5")
    submission = review.fields(NEW)["submission_id"]
    form = press(browser, "answers")
    kept = form.fields(NEW)
    assert (kept["last_day"], kept["download_limit"], kept["file"]) == ("3", "5", file.id)
    assert kept["submission_id"] == submission
    choosing = press(browser, "choose")
    assert choosing.fields(NEW)["recipients"] == "carol@partner.example"
    assert press(browser, "answers").fields(NEW)["message"].split() == ["One", "two"]


def test_files_to_share_are_found_by_a_word(browser: Browser, portal: Running, ana: Person) -> None:
    kept, found = upload_file(portal, ana, "first.pdf"), upload_file(portal, ana, "second report.pdf")
    page = browser.get(f"{NEW}?step=choose&search=report&file={kept.id}")
    boxes = {each.attributes["value"]: "checked" in each.attributes
             for each in page.document.all("input", name="file")}  # fmt: skip
    assert boxes == {kept.id: True, found.id: False}


@pytest.mark.requirement("R11")
def test_foreign_files_and_shares_are_not_there(
    new_browser: Callable[[], Browser], portal: Running, ana: Person
) -> None:
    """Ids of someone else's things are treated as missing, and nothing changes."""
    file = upload_file(portal, ana, "secret.pdf")
    made = share_files(portal, ana, [file])
    other = new_browser()
    sign_in(other, "Ben Okoro")
    before = read_state(portal)
    assert "secret" not in other.get(f"{NEW}?file={file.id}").text
    other.get(f"/shares/{made.about}", 404)
    other.get("/shares/nothing", 404)
    other.get("/account")
    secret = {"csrf_token": other.page.fields("/account/delete")["csrf_token"]} if other.page else {}
    for path in ("withdraw", f"recipients/{made.recipients[0].id}/withdraw"):
        other.ask("POST", f"/shares/{made.about}/{path}", 404, data=secret)
    assert read_state(portal) == before


@pytest.mark.requirement("R48")
def test_a_link_is_withdrawn_at_once(browser: Browser, portal: Running, ana: Person) -> None:
    """One recipient's, then everyone's; the page names the thing and the consequence first."""
    made = share_files(
        portal, ana, [upload_file(portal, ana)], recipients_text="a@x.example b@x.example".replace(" ", ",")
    )
    path, link = f"/shares/{made.about}", [f"/d/{link_token(portal, made, n)}" for n in (0, 1)]
    page = browser.get(f"{path}?person={made.recipients[0].id}")
    assert f"Withdraw from {made.recipients[0].address}?" in page.text
    assert "This cannot be undone." in page.text
    browser.submit(f"{path}/recipients/{made.recipients[0].id}/withdraw")
    assert "withdrawn" in browser.get(link[0], 410).text
    browser.get(link[1])
    browser.get(path)
    assert "None of its links" in browser.follow(browser.submit(f"{path}/withdraw")).text
    browser.get(link[1], 410)
    assert "Withdrawn" in browser.get("/shares").text


def test_the_sender_sees_what_happened(browser: Browser, portal: Running, ana: Person) -> None:
    made = share_files(portal, ana, [upload_file(portal, ana)])
    before = browser.get(f"/shares/{made.about}").text
    assert "not yet" in before
    assert "none yet" in before
    portal.clock.turn(minutes=1)
    visit_link(portal, link_token(portal, made))
    after = browser.get(f"/shares/{made.about}").text
    assert "not yet" not in after
    assert "Link opened" in after


@pytest.mark.requirement("R41", "I6")
def test_an_administrator_sees_no_link(
    new_browser: Callable[[], Browser], portal: Running, ana: Person
) -> None:
    made = share_files(portal, ana, [upload_file(portal, ana)])
    admin = new_browser()
    sign_in(admin, "Ada Minh", "admins")
    page = admin.get(f"/shares/{made.about}")
    assert "shared by Ana Lopes" in page.text
    assert "/d/" not in page.answer.text


@pytest.mark.requirement("R24")
def test_typed_text_stays_text(browser: Browser, portal: Running, ana: Person) -> None:
    """In the message, where an address is asked for, and in a search."""
    file, text = upload_file(portal, ana), "\n".join(CORPUS)
    plain = len(browser.get(f"{NEW}?file={file.id}").document.all("script", "img", "b"))
    refused = fill_form(browser, [file], 400, recipients=text)
    searched = browser.get(NEW, query_string={"step": "choose", "search": text})
    fill_form(browser, [file], message=text)
    page = browser.follow(browser.submit(NEW, step="share"))
    for each in (refused, searched, page):
        assert len(each.document.all("script", "img", "b")) == plain
    quoted = page.document.one("p", **{"class": "quote"}).text
    assert "{{7*7}}" in quoted
    assert "%(name)s" in quoted
    assert "49" not in quoted


@pytest.mark.requirement("R47")
@pytest.mark.dates
def test_a_share_in_another_zone_ends_with_the_senders_day(
    browser: Browser, portal: Running, ana: Person
) -> None:
    browser.client.set_cookie("zone", "Pacific/Auckland", domain="files.example.org")
    day = (portal.clock() + timedelta(days=5)).date().isoformat()
    review = fill_form(browser, [upload_file(portal, ana)], last_day="date", expires_on=day)
    assert "23:59" in review.text
    browser.submit(NEW, step="share")
    assert len(list_records(portal, "share.created")) == 1
