"""Files and shares of everyone: found by what lists there are, and what an administrator may do with them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.domain.people.person import Person
from portal.workflows.links.link_access import FilesRemoved
from tests.actions import (
    link_token,
    list_records,
    make_person,
    share_files,
    upload_file,
    visit_link,
)
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.lists import file_names
from tests.web.signed_in import Calls, sign_in

CLARA = make_person("Clara Diaz")


@pytest.fixture
def ada(browser: Browser) -> Person:
    return sign_in(browser, "Ada Minh", "admins")


@pytest.fixture
def ben(new_browser: Callable[[], Browser]) -> Person:
    return sign_in(new_browser(), "Ben Okoro", "staff")


def secret_of(browser: Browser) -> dict[str, str]:
    [field, *_] = browser.get("/account").document.all("input", name="csrf_token")
    return {"csrf_token": field.attributes["value"]}


def walk(browser: Browser, path: str) -> list[str]:
    """The names on all pages of a list."""
    names, page = [], browser.get(path)
    while True:
        names += file_names(browser)
        if "Next" not in page.links:
            return names
        page = browser.get(page.links["Next"])


@pytest.mark.requirement("R62")
def test_everyone_s_files_are_listed_newest_first_and_each_once(
    browser: Browser, portal: Running, ada: Person, ben: Person
) -> None:
    """Over both partitions, page by page; the same by how their names begin, and by whose they are."""
    made = []
    for place in range(65):
        portal.clock.turn(seconds=1)
        made.append(upload_file(portal, ben if place % 3 else CLARA, f"{'ab'[place % 2]}{place:02}.pdf").name)
    assert walk(browser, "/admin/files") == made[::-1]
    assert walk(browser, "/admin/files?q=A") == sorted(name for name in made if name[0] == "a")
    of_ben = [name for place, name in enumerate(made) if place % 3]
    for asked in ("ben", "BEN O", "ben@ex", ben.id):
        assert walk(browser, f"/admin/files?owner={asked}") == of_ben[::-1], asked
    assert "Nobody's name or address begins like this." in browser.get("/admin/files?owner=zz").text


def test_a_page_costs_the_same_however_much_there_is(
    browser: Browser, portal: Running, ada: Person, ben: Person
) -> None:
    def measure(path: str) -> tuple[int, int]:
        with Calls(portal) as calls:
            size = len(browser.get(path).answer.data)
        return len(calls.names), size

    files, shares = "/admin/files", "/admin/shares"
    paths = (files, f"{files}?q=f", f"{files}?owner=ben", shares, f"{shares}?q=f", f"{shares}?owner=ben",
             f"{shares}?recipient=partner%40example.com")  # fmt: skip
    for place in range(40):
        portal.clock.turn(seconds=1)
        share_files(portal, ben, [upload_file(portal, ben, f"f{place}.pdf")])
    few = {path: measure(path) for path in paths}
    for place in range(40):
        portal.clock.turn(seconds=1)
        share_files(portal, ben, [upload_file(portal, ben, f"f{place}.pdf")])
    for path in paths:
        calls, size = measure(path)
        assert calls == few[path][0] <= 4, path
        assert size < 60_000, path


def test_an_administrator_keeps_deletes_and_restores_anyones_file(
    browser: Browser, portal: Running, ada: Person
) -> None:
    """As themselves, on record; the links stop and work again. Nothing gives them the bytes or the links."""
    file = upload_file(portal, CLARA)
    made = share_files(portal, CLARA, [file])
    token = link_token(portal, made)
    page = browser.get(f"/admin/files/{file.id}")
    assert "Clara Diaz" in page.text
    assert "Download" not in page.links
    browser.follow(browser.submit(f"/admin/files/{file.id}/keep", days=365))
    browser.follow(browser.submit(f"/admin/files/{file.id}/trash"))
    with pytest.raises(FilesRemoved):
        visit_link(portal, token)
    assert f"/admin/files/{file.id}" in browser.get("/admin/files?state=trashed").links.values()
    assert file_names(browser) == [file.name]
    browser.get(f"/admin/files/{file.id}")
    page = browser.follow(browser.submit(f"/admin/files/{file.id}/restore"))
    visit_link(portal, token)
    assert "Ada Minh moved report.pdf to the trash." in page.text
    for action in ("file.lifetime_changed", "file.trashed", "file.restored"):
        [record] = list_records(portal, action)
        assert record["actor"]["M"]["id"]["S"] == ada.id
    page = browser.get(f"/admin/files?q={file.id}")
    assert file_names(browser) == [file.name]
    secret = {
        "csrf_token": browser.get("/account").document.all("input", name="csrf_token")[0].attributes["value"]
    }
    for path in ("download", "preview", "copy", "rename"):
        browser.ask(
            "POST", f"/files/{file.id}/{path}", 404, data=secret | {"name": "x.pdf", "submission_id": file.id}
        )


@pytest.mark.requirement("I6")
def test_everyone_s_shares_are_found_and_withdrawn_without_their_links(
    browser: Browser, portal: Running, ada: Person, ben: Person
) -> None:
    made = share_files(
        portal, ben, [upload_file(portal, ben)], recipients_text="x@example.com, y@example.com"
    )
    portal.clock.turn(seconds=1)
    share_files(portal, CLARA, [upload_file(portal, CLARA, "other.pdf")])
    found = ("q=rep", "owner=ben", "owner=ben@ex", "recipient=y%40example.com",
             f"q={made.about}")  # fmt: skip
    assert walk(browser, "/admin/shares") == ["other.pdf", "report.pdf"]
    for asked in found:
        assert walk(browser, f"/admin/shares?{asked}") == ["report.pdf"], asked
    page = browser.get(f"/admin/shares?q={made.about}")
    assert f"/shares/{made.about}" in page.links.values()
    page = browser.get(f"/shares/{made.about}")
    assert link_token(portal, made) not in page.answer.text
    browser.follow(browser.submit(f"/shares/{made.about}/withdraw"))
    assert walk(browser, "/admin/shares") == ["other.pdf"]
    assert walk(browser, "/admin/shares?state=withdrawn") == ["report.pdf"]


@pytest.mark.requirement("R11")
def test_a_colleague_finds_and_changes_nothing(portal: Running, new_browser: Callable[[], Browser]) -> None:
    file, colleague = upload_file(portal, CLARA), new_browser()
    sign_in(colleague, "Ben Okoro", "staff")
    colleague.get("/admin/files", 403)
    secret = secret_of(colleague)
    for path in ("/files/trash", "/files/restore"):
        colleague.ask("POST", path, 404, data=secret | {"file": file.id})
    colleague.ask("POST", f"/files/{file.id}/keep", 404, data=secret | {"days": "30"})
    colleague.ask("POST", f"/admin/files/{file.id}/trash", 403, data=secret)
