"""What is left, and what is under way: on the upload page and for its script."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from portal.domain.people.person import Person
from tests.actions import list_records, read_state, reserve_file, upload_file
from tests.builders import Clock, Running, make_running
from tests.web.api.test_uploads import call
from tests.web.browser import Browser
from tests.web.provider import Provider, make_account

pytestmark = pytest.mark.requirement("R37")


@pytest.fixture
def portal(aws: None, clock: Clock, provider: Provider) -> Running:
    """A portal in which everyone may have a thousand bytes in ten files."""
    return make_running(
        clock,
        PORTAL_OIDC_METADATA_URL=f"{provider.url}/.well-known/openid-configuration",
        PORTAL_MAX_PERSON_BYTES="1000",
        PORTAL_MAX_PERSON_FILES="10",
    )


def test_a_script_is_told_what_is_left(browser: Browser, ana: Person, portal: Running) -> None:
    """The page's script gets the same without asking."""
    upload_file(portal, ana)
    reserve_file(portal, ana, size=500)
    said = browser.get("/v1/usage").answer.json
    assert said == {
        "files": 2, "bytes": 512, "max_files": 10, "max_bytes": 1000, "files_left": 8, "bytes_left": 488,
    }  # fmt: skip
    page = browser.get("/upload")
    told = json.loads(page.document.one("div", id="uploader").attributes["data-upload"])
    assert (told["usage"], told["post_bytes"]) == (said, 64 * 1024**2)
    said_in_words = page.document.one("p", **{"data-room": ""}).text.replace("\N{NO-BREAK SPACE}", " ")
    assert said_in_words == "488 bytes of 1.0 kB left. Room for 8 more files."


def test_beyond_it_a_sentence_comes_instead_of_a_form(browser: Browser, ana: Person, portal: Running) -> None:
    """Of a list as a whole, since all are announced or none."""
    browser.get("/upload")
    before = read_state(portal)
    files = [{"name": f"{number}.txt", "size": 300} for number in range(4)]
    refused = call(browser, "POST", "/v1/uploads", 409, {"files": files}).answer.json
    assert refused["reason"] == "over_quota"
    said = refused["detail"].replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith("There is room for 1.0 kB more, and this needs 1.2 kB.")
    assert read_state(portal) == before


def test_without_scripts_the_sentence_stands_at_the_field(
    browser: Browser, ana: Person, portal: Running
) -> None:
    reserve_file(portal, ana, size=1000)
    browser.get("/upload?plain=1")
    again = browser.submit("/upload", 409, name="report.pdf")
    assert "There is room for 0 bytes more" in again.text.replace("\N{NO-BREAK SPACE}", " ")
    assert again.fields("/upload")["name"] == "report.pdf"


@pytest.mark.requirement("R38")
def test_what_is_under_way_elsewhere_can_be_cancelled(
    browser: Browser, ana: Person, portal: Running, new_browser: Callable[[], Browser]
) -> None:
    """Without scripts too; nobody else sees it, or can."""
    file = reserve_file(portal, ana, "film.mov", 500)
    page = browser.get("/upload")
    entry = page.document.one("section", id="under-way").one("li")
    assert entry.attributes["data-file-id"] == file.id
    assert "film .mov" in entry.text
    ben = new_browser()
    ben.sign_in(make_account("Ben Okoro"))
    assert "film" not in ben.get("/upload").text
    secret = ben.get("/account").document.all("input", name="csrf_token")[0].attributes["value"]
    ben.ask("POST", f"/upload/{file.id}/cancel", 404, data={"csrf_token": secret})
    after = browser.follow(browser.submit(f"/upload/{file.id}/cancel"))
    assert "The upload of film.mov is cancelled." in after.text
    assert "In progress" not in after.text
    outcomes = [each["outcome"]["S"] for each in list_records(portal, "file.upload_cancelled")]
    assert outcomes == ["refused", "done"]
    assert browser.get("/v1/usage").answer.json["bytes"] == 0
