"""Each state of a file's scan, at every way to its bytes, where a scan is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from portal.domain.files.file import File
from portal.domain.files.scans import ScanResult
from portal.workflows.files.scan_results import take_result
from tests.actions import link_token, make_id, make_person, release_file, share_files, upload_file
from tests.builders import Clock, Running, make_running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.provider import Provider
from tests.web.signed_in import Calls, sign_in

CLARA = make_person("Clara Diaz")
pytestmark = pytest.mark.requirement("R36", "R73")
# What was said of the file; then the status of a press and its reason, and words on the pages.
SAID = {
    "waiting": ("", 409, "scan_waiting", "Being checked"),
    "clean": ("NO_THREATS_FOUND", 200, "", "Ready"),
    "threat": ("THREATS_FOUND", 410, "infected", "Malware found"),
    "failed": ("FAILED", 403, "unscanned", "Could not be checked"),
    "unsupported": ("UNSUPPORTED", 403, "unscanned", "Could not be checked"),
    "released": ("FAILED", 200, "", "Ready"),
}
OPEN = {"clean", "released"}


@pytest.fixture
def portal(aws: None, clock: Clock, provider: Provider) -> Running:
    return make_running(
        clock,
        PORTAL_SCAN_REQUIRED="on",
        PORTAL_OIDC_METADATA_URL=f"{provider.url}/.well-known/openid-configuration",
    )


def say(portal: Running, file: File, status: str, state: str = "") -> None:
    """What the scanner says of a file, and two administrators where it is to be released."""
    if status:
        assert take_result(file.key, ScanResult(status, file.version_id), portal.portal.services)
    if state == "released":
        release_file(portal, file)


def secret_of(page: Page) -> str:
    return page.document.all("input", name="csrf_token")[0].attributes["value"]


def press(browser: Browser, portal: Running, path: str, file: File, secret: str) -> list[Page]:
    """A press of Download and one of Preview, each by a script and by a form."""
    fields = {"file_id": file.id, "csrf_token": secret}
    return [
        browser.ask("POST", f"{path}/{what}", data=fields | {"attempt_id": make_id(portal)}, headers=headers)
        for what in ("download", "preview")
        for headers in ({"Accept": "application/json"}, {})
    ]


@pytest.mark.parametrize("state", SAID)
def test_no_way_to_its_bytes_is_open_before_it_is_clean(
    browser: Browser, portal: Running, state: str
) -> None:
    """The link's page and its ZIP, downloads and previews by page and by script; the clean one stays."""
    status, code, reason, _ = SAID[state]
    film, other = upload_file(portal, CLARA, "film.png"), upload_file(portal, CLARA, "other.pdf")
    say(portal, other, "NO_THREATS_FOUND")
    path = f"/d/{link_token(portal, share_files(portal, CLARA, [film, other]))}"
    say(portal, film, status, state)
    page = browser.get(path)
    answers = press(browser, portal, path, film, secret_of(page))
    if state in OPEN:
        assert [each.status for each in answers] == [200, 303, 200, 303]
    else:
        assert [each.status for each in answers] == [code] * 4
        assert [answers[0].answer.json["reason"], answers[2].answer.json["reason"]] == [reason] * 2
    assert ("Download all" in page.text) is (state in OPEN)
    assert ("Look again" in page.text) is (state == "waiting")
    forms = [each.attributes["action"] for each in page.document.all("form")]
    assert forms.count(f"{path}/download") == (2 if state in OPEN else 1)
    assert press(browser, portal, path, other, secret_of(page))[0].status == 200


@pytest.mark.parametrize("state", SAID)
def test_its_owner_sees_how_it_is_and_gets_it_no_sooner(
    browser: Browser, portal: Running, state: str
) -> None:
    status, code, _, words = SAID[state]
    mine = sign_in(browser)
    file = upload_file(portal, mine, "film.png")
    made = share_files(portal, mine, [file])
    say(portal, file, status, state)
    page = browser.get(f"/files/{file.id}")
    chips = [each.text for each in page.document.one("dl").all("span") if "chip" in each.attributes["class"]]
    assert chips[0] == words
    secret: dict[str, Any] = {"csrf_token": secret_of(page), "submission_id": make_id(portal)}
    for what in ("download", "preview", "copy"):
        answer = browser.ask("POST", f"/files/{file.id}/{what}", data=secret)
        assert answer.status == (303 if state in OPEN else code), what
    lists = (
        browser.get("/files").text,
        browser.get("/shares").text,
        browser.get(f"/shares/{made.about}").text,
    )
    assert state in OPEN or all(words in each for each in lists)
    new = browser.ask("GET", f"/shares/new?file={file.id}")
    assert (new.heading == "Share files") is (state in {"waiting", *OPEN})


@pytest.mark.parametrize("state", ["waiting", "threat", "failed"])
def test_a_link_with_nothing_else_says_so(browser: Browser, portal: Running, state: str) -> None:
    """What will be there shortly is shown; looking again is enough then, and takes no more calls."""
    file = upload_file(portal, CLARA)
    path = f"/d/{link_token(portal, share_files(portal, CLARA, [file]))}"
    say(portal, file, SAID[state][0])
    with Calls(portal) as calls:
        page = browser.get(path, 200 if state == "waiting" else 410)
    assert calls.names[:2] == ["BatchGetItem", "BatchGetItem"]
    assert ("will be there shortly" in page.text) is (state == "waiting")
    say(portal, file, "NO_THREATS_FOUND")
    if state != "threat":
        assert browser.get(path).document.all("form", action=f"{path}/download")
