"""Every field of a policy bites: on pages, in the JSON of uploads, and where what exists is changed.

The cases come from the list of fields, so that a field which nothing tries fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from portal.domain.files.file import File
from portal.domain.people.person import Person
from portal.domain.policy.policy_fields import FIELDS
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import make_id, put_object, set_policy, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.sharing import NEW, press
from tests.web.signed_in import sign_in

NOT_SAID = "no JSON of ours makes or changes shares"
NOTHING_TO_CHANGE = "there is nothing to change it by"


@dataclass(frozen=True)
class World:
    """Ana with a file and a share of it, both from before the policy."""

    browser: Browser
    portal: Running
    ana: Person
    file: File
    made: ShareFiles

    def share(self, field: str, status: int = 400, **answers: str) -> None:
        """A new share is refused at this field."""
        self.browser.get(f"{NEW}?file={self.file.id}")
        page = press(self.browser, "share", status, **({"recipients": "new@example.com"} | answers))
        assert_refused(page, field)

    def edit(self, field: str, **answers: str) -> None:
        """To change the share is refused at this field, and what it was made under stays where untouched."""
        path = f"/shares/{self.made.about}/edit"
        self.browser.get(path)
        assert_refused(self.browser.submit(path, 400, **answers), field)
        self.browser.submit(path, 303, message="Other words")

    def add(self, status: int = 400, recipients: str = "new@example.com") -> None:
        path = f"/shares/{self.made.about}/recipients"
        self.browser.get(path)
        assert_refused(self.browser.submit(path, status, recipients=recipients), "recipients")

    def announce(self, status: int, name: str = "report.pdf", size: int = 12) -> dict[str, Any]:
        headers = {"X-CSRFToken": self.read_upload_page()["token"]}
        said = {"name": name, "size": size}
        answer = self.browser.ask("POST", "/v1/uploads", status, json=said, headers=headers)
        found: dict[str, Any] = answer.answer.json
        return found

    def read_upload_page(self) -> dict[str, Any]:
        """What the upload page tells its script."""
        page = self.browser.get("/upload")
        found: dict[str, Any] = json.loads(page.document.one("div", id="uploader").attributes["data-upload"])
        return found

    def upload_plainly(self, status: int, name: str = "report.pdf") -> Page:
        self.browser.get("/upload?plain=1")
        return self.browser.submit("/upload", status, name=name)

    def change_file(self, what: str, status: int, **answers: str) -> Page:
        page = self.browser.get(f"/files/{self.file.id}")
        secret = page.fields(f"/files/{self.file.id}/rename")["csrf_token"]
        path = f"/files/{self.file.id}/{what}"
        return self.browser.ask("POST", path, status, data={"csrf_token": secret} | answers)

    def copy(self, status: int) -> Page:
        return self.change_file("copy", status, submission_id=make_id(self.portal))

    def read_file(self) -> File:
        found = self.portal.portal.services.files.get(self.ana.id, self.file.id)
        assert found is not None
        return found

    def day(self, days: int) -> str:
        return (self.portal.clock() + timedelta(days=days)).date().isoformat()


def assert_refused(page: Page, field: str) -> None:
    summary = page.document.one("div", **{"class": "error-summary"})
    assert {each.attributes["href"] for each in summary.all("a")} == {f"#{field}"}


def upload_new_file(world: World, **changed: str) -> File:
    """Under the policy, which changes before the file has arrived."""
    told = world.announce(201)
    services = world.portal.portal.services
    file = services.files.get(world.ana.id, told["file_id"])
    assert file is not None
    put_object(world.portal, file, b"twelve bytes")
    set_policy(world.portal, **changed)
    headers = {"X-CSRFToken": world.read_upload_page()["token"]}
    world.browser.ask("POST", told["complete"], 200, json={}, headers=headers)
    done = services.files.get(world.ana.id, file.id)
    assert done is not None
    return done


def keep_new_file(world: World) -> None:
    """It lives for as long as the policy said when it was announced."""
    done = upload_new_file(world, file_days="20")
    assert done.keep_until == world.portal.clock() + timedelta(days=30)


def hold_new_file(world: World) -> None:
    """Nobody gets it before the scan called it clean, also where the policy asks for nothing by then."""
    done = upload_new_file(world, scan_required="no")
    page = world.browser.get(f"/files/{done.id}")
    secret = page.fields(f"/files/{done.id}/rename")["csrf_token"]
    refused = world.browser.ask("POST", f"/files/{done.id}/download", data={"csrf_token": secret})
    assert refused.status // 100 == 4


def hold_copy(world: World) -> None:
    """What came before the policy goes out as it did; a copy of it is a new file."""
    copied = world.copy(303).location.rpartition("/")[2]
    file = world.portal.portal.services.files.get(world.ana.id, copied)
    assert file is not None
    assert (file.scan_required, world.read_file().scan_required) == (True, False)


def trash(world: World) -> None:
    page = world.browser.get(f"/files/{world.file.id}")
    world.browser.ask("POST", "/files/trash", 303, data=page.fields("/files/trash"))
    assert world.read_file().purge_at == world.portal.clock() + timedelta(days=5)


def open_form(name: str, value: str | None) -> Callable[[World], None]:
    def check(world: World) -> None:
        fields = world.browser.get(f"{NEW}?file={world.file.id}").fields(NEW)
        assert fields.get(name) == value

    return check


def do(*steps: Callable[[World], object]) -> Callable[[World], None]:
    def do_all(world: World) -> None:
        for step in steps:
            step(world)

    return do_all


Way = Callable[[World], object] | str  # or why there is none


class Case(NamedTuple):
    """What is set, and what it does on each way."""

    typed: str
    page: Way
    json: Way
    change: Way
    locked: bool = False


def upload_at_most(size: int) -> Callable[[World], None]:
    def check(world: World) -> None:
        assert world.read_upload_page()["most_bytes"] == size

    return check


def until(field: str, days: int) -> Case:
    """A share that may live so many days at most."""
    return Case(
        str(days),
        lambda world: world.share("expires_on", last_day="date", expires_on=world.day(days + 1)),
        NOT_SAID,
        lambda world: world.edit("expires_on", expires_on=world.day(days + 1)),
        field == "default_share_days",
    )


def kinds(typed: str) -> Case:
    return Case(
        typed,
        do(lambda world: assert_refused(world.upload_plainly(400, "tool.exe"), "name"),
           lambda world: world.upload_plainly(200, "plan.pdf")),
        lambda world: world.announce(400, "TOOL.EXE"),
        do(lambda world: assert_refused(world.change_file("rename", 400, name="tool.exe"), "name"),
           lambda world: world.change_file("rename", 303, name="other.txt")),
    )  # fmt: skip


def recipients(typed: str) -> Case:
    return Case(
        typed, lambda world: world.share("recipients"), NOT_SAID, lambda world: world.add()
    )  # fmt: skip


def write_query(world: World) -> None:
    """What an administrator may is asked with each of their pages."""
    browser = Browser(world.portal, world.browser.provider)
    sign_in(browser, "Ada Minh", "admins")
    page = browser.get("/admin/reports/query")
    assert page.document.all("textarea", id="query")
    set_policy(world.portal, free_queries="no")
    world.portal.clock.turn(seconds=61)  # policies are kept for a minute
    assert not browser.get("/admin/reports/query").document.all("textarea", id="query")


CASES: dict[str, Case] = {
    "max_share_days": until("max_share_days", 30),
    "default_share_days": until("default_share_days", 5),
    "max_download_limit": Case(
        "3", lambda world: world.share("download_limit", download_limit="4"), NOT_SAID,
        lambda world: world.edit("download_limit", download_limit="4"),
    ),
    "default_download_limit": Case(
        "2", do(open_form("download_limit", "2"),
                lambda world: world.share("download_limit", download_limit="")), NOT_SAID,
        lambda world: world.edit("download_limit", download_limit="3"), locked=True,
    ),
    "download_limit_required": Case(
        "yes", lambda world: world.share("download_limit", download_limit=""), NOT_SAID,
        lambda world: world.edit("download_limit", download_limit=""),
    ),
    "confirm_by_code": Case(
        "yes", do(open_form("confirm", "y"), lambda world: world.share("confirm", confirm="")), NOT_SAID,
        lambda world: world.edit("confirm", confirm=""), locked=True,
    ),
    "password_required": Case(
        "yes", lambda world: world.share("password"), NOT_SAID,
        lambda world: world.edit("password", no_password="y"),
    ),
    "previews": Case(
        "no", do(open_form("preview", None), lambda world: world.share("preview", preview="y")), NOT_SAID,
        lambda world: world.edit("preview", preview="y"), locked=True,
    ),
    "allowed_recipients": recipients("partner.example, ana@example.com"),
    "blocked_recipients": recipients("example.com"),
    "max_mails_a_day": Case(
        "2", lambda world: world.share("recipients", 429, recipients="b@example.com, c@example.com"),
        NOT_SAID, lambda world: world.add(429, "b@example.com, c@example.com"),
    ),
    "max_file_days": Case(
        "10", lambda world: assert_refused(world.change_file("keep", 400, days="30"), "days"),
        "no JSON of ours changes how long a file is kept",
        lambda world: world.change_file("keep", 303, days="10"),
    ),
    "file_days": Case(
        "30", lambda world: assert_refused(world.change_file("keep", 400, days="90"), "days"),
        keep_new_file, NOTHING_TO_CHANGE, locked=True,
    ),
    "trash_days": Case("5", trash, "no JSON of ours deletes files", NOTHING_TO_CHANGE),
    "max_file_bytes": Case(
        "11", upload_at_most(11), lambda world: world.announce(413), lambda world: world.copy(413)
    ),
    "allowed_kinds": kinds("pdf, txt"),
    "blocked_kinds": kinds("exe"),
    "scan_required": Case("yes", hold_copy, hold_new_file, NOTHING_TO_CHANGE),
    "max_person_bytes": Case(
        "12", lambda world: assert_refused(world.upload_plainly(409), "name"),
        lambda world: world.announce(409), lambda world: world.copy(409),
    ),
    "max_person_files": Case(
        "1", lambda world: assert_refused(world.upload_plainly(409), "name"),
        lambda world: world.announce(409), lambda world: world.copy(409),
    ),
    "free_queries": Case("yes", write_query, "queries are written on a page", NOTHING_TO_CHANGE),
}  # fmt: skip

# Needs people whom a directory knows, and bites on every route: test_second_factor.py has the list.
TRIED_ELSEWHERE = {"second_factor_required"}


def test_every_field_has_a_case() -> None:
    assert set(CASES) | TRIED_ELSEWHERE == {each.name for each in FIELDS}


@pytest.mark.parametrize("name", CASES)
def test_a_field_bites_on_every_way(browser: Browser, portal: Running, ana: Person, name: str) -> None:
    case = CASES[name]
    file = upload_file(portal, ana)
    made = share_files(portal, ana, [file], download_limit=1, confirm=True, password="a good secret",
                       preview=False, recipients_text="old@example.com")  # fmt: skip
    set_policy(portal, locked=case.locked, **{name: case.typed})
    world = World(browser, portal, ana, file, made)
    ways = [each for each in (case.page, case.json, case.change) if not isinstance(each, str)]
    assert ways
    for way in ways:
        way(world)
