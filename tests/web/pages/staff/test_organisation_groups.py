"""The organisation's groups on pages: made by administrators, changed by keepers, seen and used by everyone
who may share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.aws.client.writes import put
from portal.aws.tables.groups_table import group_item
from portal.domain.people.person import Person
from tests.actions import list_records, read_state, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import CORPUS, Calls, sign_in
from tests.workflows.contacts.groups import list_organisation_groups, save_organisation_group


@pytest.fixture
def admin(new_browser: Callable[[], Browser], ana: Person) -> Browser:
    browser = new_browser()
    sign_in(browser, "Ida Minh", "admins")
    return browser


def make_group(admin: Browser, name: str = "Auditors", keepers: str = "ana@example.org") -> str:
    """Made on its page; the path of it."""
    admin.get("/admin/groups/new")
    people = "x@example.com, y@example.com"
    page = admin.follow(admin.submit("/admin/groups/new", name=name, recipients=people, keepers=keepers))
    return page.links[name]


def test_an_administrator_makes_one_and_its_keeper_changes_it(
    browser: Browser, admin: Browser, portal: Running
) -> None:
    assert "No groups yet" in admin.get("/admin/groups").text
    path = make_group(admin)
    page = browser.get(browser.get(browser.get("/groups").links["The organisation's"]).links["Auditors"])
    assert page.path == path
    assert "keepers" not in page.fields(path), "administrators name them"
    assert browser.ask("POST", f"{path}/delete", data=page.fields(path)).status == 403
    done = browser.follow(browser.submit(path, recipients="z@example.com", keepers="someone@example.org"))
    assert "The group Auditors is saved." in done.text
    seen = admin.get(path)
    assert seen.fields(path)["keepers"] == "ana@example.org"
    assert "Ana Lopes" in admin.get(seen.links["Who changed it"]).text
    admin.get(path)
    gone = admin.follow(admin.submit(f"{path}/delete"))
    assert "The group Auditors is deleted." in gone.text
    browser.get(path, 404)


@pytest.mark.requirement("R11")
def test_everyone_who_may_share_sees_who_is_in_it_and_changes_nothing(
    browser: Browser, portal: Running, ana: Person
) -> None:
    group = save_organisation_group(portal)
    path = f"/groups/organisation/{group.id}"
    page = browser.get(path)
    assert "x@example.com" in page.text
    assert "administrators only" in page.text
    assert not page.document.all("textarea")
    before = read_state(portal)
    token = browser.get("/account").fields("/account/delete")["csrf_token"]
    fields = {"name": "Mine", "recipients": "me@example.com", "version": "1", "csrf_token": token}
    assert browser.ask("POST", path, data=fields).status == 403
    assert read_state(portal) == before


@pytest.mark.requirement("R63")
def test_of_two_at_once_the_second_sees_both_versions(
    browser: Browser, admin: Browser, portal: Running
) -> None:
    """Nothing typed is lost, and saving again puts it in the place of the other's knowingly."""
    path = make_group(admin)
    browser.get(path)
    admin.get(path)
    admin.submit(path, name="Council", recipients="x@example.com, first@example.com")
    conflict = browser.submit(path, 409, recipients="X@example.com, second@example.com")
    notice = conflict.document.one("div", **{"class": "notice notice-attention"}).text
    for words in ("Ida Minh saved this group", "Council", "first@example.com", "second@example.com"):
        assert words in notice
    assert "x@example.com" not in notice.lower().replace("first@", "").split("only in yours")[1]
    assert conflict.fields(path)["recipients"] == "X@example.com, second@example.com"
    browser.page = conflict
    browser.submit(path)
    assert list_organisation_groups(portal) == {"Auditors": ("X@example.com", "second@example.com")}


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"name": ""}, "Enter a name for the group."),
        ({"recipients": "nobody at all"}, "Not an email address: nobody at all."),
        ({"keepers": "ghost@example.org"}, "ghost@example.org cannot be named as keeper"),
        ({"keepers": "a b c d e f"}, "at most 5 keepers"),
        ({"name": "AUDITORS"}, "The organisation already has a group called AUDITORS."),
    ],
)
def test_what_is_wrong_is_said_where_it_is(
    admin: Browser, portal: Running, answers: dict[str, str], sentence: str
) -> None:
    make_group(admin)
    admin.get("/admin/groups/new")
    fields = {"name": "Other", "recipients": "z@example.com", "keepers": ""} | answers
    page = admin.submit("/admin/groups/new", 400, **fields)
    assert sentence in page.document.one("div", role="alert").text
    assert {name: page.fields("/admin/groups/new")[name] for name in fields} == fields
    assert list(list_organisation_groups(portal)) == ["Auditors"]


@pytest.mark.requirement("R51")
def test_forms_and_suggestions_offer_them_apart(
    browser: Browser, admin: Browser, portal: Running, ana: Person
) -> None:
    group_id = make_group(admin).rsplit("/", 1)[1]
    file = upload_file(portal, ana)
    with Calls(portal) as calls:
        form = browser.get(f"/shares/new?file={file.id}")
    assert len(calls.names) <= 4, calls.names
    assert form.document.one("input", name="groups").attributes["value"] == group_id
    assert "Groups of the organisation" in form.text
    review = browser.submit("/shares/new", 303, groups=group_id, recipients="", step="review", file=file.id)
    assert "y@example.com" in browser.follow(review).text
    with Calls(portal) as calls:
        answer = browser.get("/v1/recipients", query_string={"q": "audit"}).answer.get_json()
    assert len(calls.names) <= 4, calls.names
    note = "Group of the organisation, 2 addresses"
    assert answer["suggestions"] == [{"group_id": group_id, "name": "Auditors", "note": note}]


@pytest.mark.requirement("R61")
def test_an_address_is_taken_out_of_all(admin: Browser, portal: Running) -> None:
    make_group(admin)
    make_group(admin, "Board", "")
    admin.get("/admin/groups")
    wrong = admin.submit("/admin/groups/take-out", 400, address="ghost@example.com")
    assert "ghost@example.com is in no group" in wrong.document.one("div", role="alert").text
    assert wrong.fields("/admin/groups/take-out")["address"] == "ghost@example.com"
    done = admin.follow(admin.submit("/admin/groups/take-out", address="X@example.com"))
    assert "X@example.com was taken out of 2 groups." in done.text
    assert list_organisation_groups(portal) == {"Auditors": ("y@example.com",), "Board": ("y@example.com",)}
    records = list_records(portal, "organisation_group.address_taken_out")
    assert [each["outcome"]["S"] for each in records].count("done") == 2
    found = admin.get("/admin/audit?action=organisation_group.address_taken_out")
    assert "Ida Minh took X@example.com out of the organisation's group Board." in found.text


@pytest.mark.requirement("R62")
def test_a_hundred_of_each_stay_within_a_page(browser: Browser, portal: Running, ana: Person) -> None:
    """With names as long as they get: so many bytes and calls at most; every group is on one of the pages."""
    file, groups = upload_file(portal, ana), portal.portal.services.groups
    group = save_organisation_group(portal)
    table = groups.table  # type: ignore[attr-defined]
    for number in range(1, 101):
        for owner in (group.owner_id, ana.id):
            name = f"Group {number} ".ljust(60, "x")
            made = replace(group, id=f"{number:026}", owner_id=owner, name=name)
            table.write(put(group_item(made)))
    for path in ("/groups", "/groups/organisation", f"/shares/new?file={file.id}", "/v1/recipients?q=group"):
        with Calls(portal) as calls:
            page = browser.get(path)
        assert len(page.answer.data) < 60 * 1024, path
        assert len(calls.names) <= 4, (path, calls.names)
    for path in ("/groups", "/groups/organisation"):
        seen, here = list[str](), path
        while here:
            page = browser.get(here)
            seen += [name.split(" x")[0] for name in page.links if name.startswith("Group ")]
            here = page.links.get("Next", "")
        assert {f"Group {number}" for number in range(1, 101)} <= set(seen)
        assert len(seen) == len(set(seen))


@pytest.mark.requirement("R24")
@pytest.mark.parametrize("text", CORPUS)
def test_names_stay_text(browser: Browser, admin: Browser, portal: Running, text: str) -> None:
    path = make_group(admin)
    plain = [
        len(browser.get(each).document.all("script", "img", "b")) for each in ("/groups/organisation", path)
    ]
    admin.get(path)
    admin.submit(path, name=f"Group {text}"[:50])
    shown = [browser.get(each) for each in ("/groups/organisation", path)]
    assert [len(each.document.all("script", "img", "b")) for each in shown] == plain
    assert not set("\x1b\u202e\ufeff\x00") & set("".join(each.answer.text for each in shown))
