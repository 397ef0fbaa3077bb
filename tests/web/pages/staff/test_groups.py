"""Recipient groups on pages: kept, changed, deleted, shared with; and suggestions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from portal.domain.people.person import Person
from tests.actions import list_mails, list_rows, read_state, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.sharing import press
from tests.web.signed_in import CORPUS, Calls, sign_in


def save_group(
    browser: Browser, name: str = "Board", recipients: str = "x@example.com, y@example.com"
) -> str:
    """A group made on its page; the path of it."""
    browser.get("/groups/new")
    page = browser.follow(browser.submit("/groups/new", name=name, recipients=recipients))
    assert f"The group {name} is saved." in page.text
    return page.links[name]


def read_group_id(path: str) -> str:
    return path.rsplit("/", 1)[1]


def suggestions(browser: Browser, typed: str) -> list[dict[str, str]]:
    answer = browser.get("/v1/recipients", query_string={"q": typed}).answer
    found: list[dict[str, str]] = answer.get_json()["suggestions"]
    return found


def test_a_group_is_made_changed_and_deleted(browser: Browser, ana: Person) -> None:
    empty = browser.get(browser.get("/shares").links["Groups"])
    assert "No groups yet" in empty.text
    path = save_group(browser)
    assert "x@example.com, y@example.com" in browser.get("/groups").text
    form = browser.get(path)
    assert form.fields(path)["recipients"].split() == ["x@example.com", "y@example.com"]
    page = browser.follow(browser.submit(path, name="Directors", recipients="z@example.com"))
    assert "Directors" in page.links
    browser.get(path)
    assert "Nothing was changed." in browser.follow(browser.submit(path)).text
    gone = browser.follow(browser.submit(f"{path}/delete"))
    assert "The group Directors is deleted." in gone.text
    browser.get(path, 404)


def test_the_list_is_two_calls(browser: Browser, portal: Running, ana: Person) -> None:
    save_group(browser)
    with Calls(portal) as calls:
        browser.get("/groups")
    assert calls.names == ["BatchGetItem", "Query"]


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"name": ""}, "Enter a name for the group."),
        ({"name": "n" * 61}, "at most 60 characters"),
        ({"recipients": ""}, "Add at least one address."),
        ({"recipients": "nobody at all"}, "Not an email address: nobody at all."),
        ({"recipients": "\n".join(f"p{n}@example.com" for n in range(10_000))}, "these are 10000."),
        ({"name": "BOARD"}, "already have a group called BOARD"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(
    browser: Browser, portal: Running, ana: Person, answers: dict[str, str], sentence: str
) -> None:
    save_group(browser)
    browser.get("/groups/new")
    before = read_state(portal)
    fields = {"name": "Other", "recipients": "z@example.com"} | answers
    page = browser.submit("/groups/new", 400, **fields)
    assert sentence in page.document.one("div", role="alert").text
    kept = page.fields("/groups/new")
    assert (kept["name"], kept["recipients"]) == (fields["name"], fields["recipients"])
    assert read_state(portal) == before


@pytest.mark.requirement("R63")
def test_of_two_windows_nobody_loses_anything(browser: Browser, ana: Person) -> None:
    """The second sees what the first did, and saving again replaces it knowingly."""
    path = save_group(browser)
    second = browser.get(path)
    browser.submit(path, recipients="first@example.com")
    browser.page = second
    conflict = browser.submit(path, 409, recipients="second@example.com")
    assert "with: first@example.com" in conflict.text
    assert conflict.fields(path)["recipients"] == "second@example.com"
    browser.page = conflict
    browser.submit(path)
    assert browser.get(path).fields(path)["recipients"] == "second@example.com"


@pytest.mark.requirement("R51")
def test_a_share_goes_to_who_is_in_the_group(browser: Browser, portal: Running, ana: Person) -> None:
    """Without a script, ticked beside typed addresses; what was checked is what is shared."""
    path, file = save_group(browser), upload_file(portal, ana)
    form = browser.get(f"/shares/new?file={file.id}")
    assert form.document.one("input", name="groups").attributes["value"] == read_group_id(path)
    fields = {"file": file.id, "groups": read_group_id(path), "recipients": "X@example.com, z@example.com"}
    review = press(browser, "review", **fields)
    assert review.text.count("y@example.com") == 1
    browser.get(path)
    browser.submit(path, recipients="other@example.com")
    browser.page = review
    done = browser.follow(browser.submit("/shares/new", step="share"))
    assert "Shared with 3 people." in done.text
    assert sorted(each.destinations["ToAddresses"][0] for each in list_mails(portal)) == [
        "X@example.com", "y@example.com", "z@example.com",
    ]  # fmt: skip


def test_a_ticked_group_stays_ticked(browser: Browser, portal: Running, ana: Person) -> None:
    """Nothing is lost on an error, nor while other files are chosen."""
    path, file = save_group(browser), upload_file(portal, ana)
    browser.get(f"/shares/new?file={file.id}")
    fields = {"file": file.id, "groups": read_group_id(path)}
    wrong = browser.submit("/shares/new", 400, **fields, recipients="nobody at all", step="review")
    assert "checked" in wrong.document.one("input", name="groups").attributes
    press(browser, "choose", **fields, recipients="z@example.com")
    back = press(browser, "answers", file=file.id)
    assert "checked" in back.document.one("input", name="groups").attributes
    assert back.fields("/shares/new")["recipients"] == "z@example.com"


def test_too_many_with_a_group_names_it(browser: Browser, portal: Running, ana: Person) -> None:
    path = save_group(browser, "Everybody", "\n".join(f"p{n}@example.com" for n in range(500)))
    file = upload_file(portal, ana)
    browser.get(f"/shares/new?file={file.id}")
    fields = {
        "file": file.id,
        "groups": read_group_id(path),
        "recipients": "one@more.example",
        "step": "review",
    }
    page = browser.submit("/shares/new", 400, **fields)
    assert "together with Everybody these are 501." in page.document.one("div", role="alert").text


def test_a_share_is_kept_as_a_group_and_a_group_added_to_a_share(
    browser: Browser, portal: Running, ana: Person
) -> None:
    made = share_files(
        portal, ana, [upload_file(portal, ana)], recipients_text="x@example.com, y@example.com"
    )
    page = browser.get(f"/shares/{made.about}")
    browser.get(page.links["Save these recipients as a group"])
    listed = browser.follow(browser.submit("/groups/new", name="Board"))
    other = share_files(portal, ana, [upload_file(portal, ana)], recipients_text="x@example.com")
    path = f"/shares/{other.about}/recipients"
    browser.get(path)
    done = browser.follow(browser.submit(path, groups=read_group_id(listed.links["Board"])))
    assert "1 person was added." in done.text
    assert "who already have this share: x@example.com." in done.text


@pytest.mark.requirement("R62")
def test_a_full_list_offers_no_further_group(browser: Browser, portal: Running, ana: Person) -> None:
    save_group(browser)
    parts = portal.app.extensions["portal"]
    fewer = replace(parts.services, limits=replace(parts.services.limits, max_groups=1))
    portal.app.extensions["portal"] = parts._replace(services=fewer)
    page = browser.get("/groups")
    assert "New group" not in page.links
    assert "at most 1 groups" in page.text
    browser.get("/groups/new")
    refused = browser.submit("/groups/new", 400, name="Other", recipients="z@example.com")
    assert "at most 1 groups" in refused.document.one("div", role="alert").text


@pytest.mark.requirement("R11", "R45")
def test_somebody_elses_groups_and_addresses_are_not_there(
    new_browser: Callable[[], Browser], browser: Browser, portal: Running, ana: Person
) -> None:
    """For an administrator as for anyone."""
    path, file = save_group(browser), upload_file(portal, ana)
    made = share_files(portal, ana, [file], recipients_text="xavier@example.com")
    other = new_browser()
    sign_in(other, "Ida Minh", "admins")
    before = read_state(portal)
    other.get(path, 404)
    other.get(f"/groups/new?share={made.about}", 404)
    assert path not in other.get("/groups").links.values()
    fields = {"csrf_token": other.get("/account").fields("/account/delete")["csrf_token"], "version": "1"}
    asked: dict[str, Any] = fields | {"name": "Mine", "recipients": "z@example.com"}
    for address in (path, f"{path}/delete"):
        other.ask("POST", address, 404, data=asked)
    assert suggestions(other, "xavier") == suggestions(other, "board") == []
    assert read_state(portal) == before


def test_one_is_suggested_whom_one_shared_with(browser: Browser, portal: Running, ana: Person) -> None:
    """Typed search only: two letters at least, eight answers at most, in words for the reader."""
    path = save_group(browser, "Carpenters")
    many = "\n".join(f"carl{n}@example.com" for n in range(12))
    made = share_files(portal, ana, [upload_file(portal, ana)], recipients_text=many)
    portal.portal.services.known.mark_bounced(ana.id, made.about, "carl7@example.com")
    found = suggestions(browser, "car")
    assert len(found) == 8
    assert found[0] == {"group_id": read_group_id(path), "name": "Carpenters", "note": "Group, 2 addresses"}
    assert suggestions(browser, "carl7") == [
        {"address": "carl7@example.com", "note": "Last email did not arrive"}
    ]
    with Calls(portal) as calls:
        assert suggestions(browser, "c") == []
    assert calls.names == ["BatchGetItem"]


def test_addresses_are_forgotten_from_the_account(browser: Browser, portal: Running, ana: Person) -> None:
    """One by one or all at once; what was shared and the groups stay."""
    path = save_group(browser)
    made = share_files(
        portal, ana, [upload_file(portal, ana)], recipients_text="carol@example.com, carl@example.com"
    )
    portal.portal.services.known.mark_bounced(ana.id, made.about, "carl@example.com")
    page = browser.get(browser.get("/account").links["View and remove them"])
    assert page.text.count("Last email did not arrive") == 1
    left = browser.follow(browser.submit("/account/addresses/forget", address="carl@example.com"))
    assert "carl@example.com was removed from your suggestions" in left.text
    assert [each["address"] for each in suggestions(browser, "car")] == ["carol@example.com"]
    before = read_state(portal)
    for odd in ("", "x", "nobody at all", "a" * 3000 + "@example.com", "\x00"):
        browser.submit("/account/addresses/forget", 404, address=odd)
    assert read_state(portal) == before
    none = browser.follow(browser.submit("/account/addresses/forget-all"))
    assert "None yet" in none.text
    assert suggestions(browser, "car") == []
    browser.get(path)
    assert "carol@example.com" in browser.get(f"/shares/{made.about}").text


@pytest.mark.requirement("R61")
def test_a_closed_account_leaves_no_group(browser: Browser, portal: Running, ana: Person) -> None:
    save_group(browser)
    share_files(portal, ana, [upload_file(portal, ana)])
    browser.get("/account")
    browser.submit("/account/delete", 200, confirmation=ana.address)
    assert not [row for row in list_rows(portal) if re.match("GROUP|KNOWN", row["sk"]["S"])]


@pytest.mark.requirement("R24")
@pytest.mark.parametrize("text", CORPUS)
def test_names_stay_text(browser: Browser, portal: Running, ana: Person, text: str) -> None:
    """In the list, its dialog, the form, the field of a share, and the answer of suggestions."""
    name = f"Group {text}"[:50]
    file = upload_file(portal, ana)
    pages = ("/groups", f"/shares/new?file={file.id}")
    save_group(browser, "plain")
    plain = [len(browser.get(each).document.all("script", "img", "b")) for each in pages]
    browser.get("/groups/new")
    listed = browser.follow(browser.submit("/groups/new", name=name, recipients="x@example.com"))
    shown = [browser.get(each) for each in pages]
    assert [len(each.document.all("script", "img", "b")) for each in shown] == plain
    assert not set("\x1b\u202e\ufeff\x00") & set("".join(each.answer.text for each in [listed, *shown]))
    assert len(suggestions(browser, "group")) == 1
