"""The quarantine: what is closed and why, who had it, another scan, a release by two, and removal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from portal.aws.client.calls import clients
from portal.aws.guardduty.scanner import Scanner
from portal.domain.errors import Refusal
from portal.domain.files.file import File
from portal.domain.files.scans import ScanResult
from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.workflows.files import quarantine
from portal.workflows.files.scan_results import take_result
from portal.workflows.upkeep.sweep import sweep
from tests.actions import (
    download_file,
    link_token,
    list_mails,
    list_objects,
    list_records,
    make_person,
    make_request,
    share_files,
    sign_in_before,
    upload_file,
)
from tests.builders import Clock, Running, make_running
from tests.held import HeldAnswer
from tests.web.browser import Browser
from tests.web.lists import file_names
from tests.web.provider import Provider
from tests.web.signed_in import CORPUS, Calls, sign_in

CLARA = make_person("Clara Diaz")
pytestmark = pytest.mark.requirement("R36")
EICAR = "EICAR-Test-File (not a virus)"


@pytest.fixture
def portal(aws: None, clock: Clock, provider: Provider) -> Running:
    running = make_running(
        clock,
        PORTAL_SCAN_REQUIRED="on",
        PORTAL_OIDC_METADATA_URL=f"{provider.url}/.well-known/openid-configuration",
    )
    sign_in_before(running, CLARA)
    return running


@pytest.fixture
def ada(browser: Browser) -> Person:
    return sign_in(browser, "Ada Minh", "admins")


@pytest.fixture
def other(new_browser: Callable[[], Browser]) -> Browser:
    """A second administrator's browser."""
    browser = new_browser()
    sign_in(browser, "Ida Berg", "admins")
    return browser


def close(portal: Running, name: str = "film.mp4", status: str = "THREATS_FOUND") -> File:
    file = upload_file(portal, CLARA, name)
    threats = (EICAR,) if status == "THREATS_FOUND" else ()
    assert take_result(file.key, ScanResult(status, file.version_id, threats), portal.portal.services)
    return file


def is_served(portal: Running, file: File) -> bool:
    found = portal.portal.services.files.find(file.id)
    return found is not None and found.is_served


def place(file: File, what: str = "") -> str:
    return f"/admin/quarantine/{file.id}{what}"


def ask(browser: Browser, file: File, reason: str = "A false alarm.") -> None:
    browser.get(place(file))
    browser.submit(place(file, "/ask"), reason=reason)


def confirm(browser: Browser, file: File, status: int = 303, reason: str = "I looked at it.") -> Any:
    browser.get(place(file))
    return browser.submit(place(file, "/confirm"), status, reason=reason)


def as_admin(portal: Running, who: str, workflow: Any, file: File, seen: str = "") -> None:
    context = quarantine.OnCase(
        make_request(make_person(who, admin=True), portal), file_id=file.id, reason="So.", seen=seen
    )
    run(workflow, context, portal.portal.services)


def asked_at(portal: Running, file: File) -> str:
    found = portal.portal.services.scans.get_case(file.id)
    assert found is not None
    assert found.release is not None
    return found.release.at.isoformat()


def test_it_lists_what_is_closed_with_its_reason_newest_first(
    browser: Browser, portal: Running, ada: Person
) -> None:
    """And nothing that waits or is clean; in a page of three calls, however many there are."""
    for status in ("THREATS_FOUND", "UNSUPPORTED", "ACCESS_DENIED"):
        portal.clock.turn(seconds=1)
        close(portal, f"{status.lower()}.zip", status)
    portal.clock.turn(seconds=1)
    upload_file(portal, CLARA, "waits.pdf")
    close(portal, "clean.pdf", "NO_THREATS_FOUND")
    with Calls(portal) as calls:
        page = browser.get("/admin/quarantine")
    assert file_names(browser) == ["access_denied.zip", "unsupported.zip", "threats_found.zip"]
    for said in (EICAR, "encrypted archive", "not allowed to read it", "Clara Diaz", "12 bytes"):
        assert said in page.text
    assert len([name for name in calls.names if name != "GetItem"]) <= 3
    portal.clock.turn(hours=25)
    sweep(portal.portal.services, lambda: 100.0)
    sign_in(browser, "Ada Minh", "admins")
    assert "The malware scan keeps 4 files closed." in browser.get("/admin").text
    browser.get("/admin/quarantine")
    assert file_names(browser)[0] == "waits.pdf"


def test_it_says_who_already_had_it(browser: Browser, portal: Running, ada: Person) -> None:
    file = upload_file(portal, CLARA, "film.mp4")
    say = partial(take_result, file.key, services=portal.portal.services)
    say(ScanResult("NO_THREATS_FOUND", file.version_id))
    made = share_files(portal, CLARA, [file], recipients_text="had@example.com, not@example.com")
    download_file(portal, link_token(portal, made), file)
    say(ScanResult("THREATS_FOUND", file.version_id, (EICAR,)))
    with Calls(portal) as calls:
        page = browser.get(place(file))
    told = {row.all("td")[0].text for row in page.document.one("tbody").all("tr")}
    assert told == {made.recipients[0].address}
    assert "A scan also found nothing" not in page.text
    assert calls.names[1:] == ["BatchGetItem", "Query", "BatchGetItem", "BatchGetItem"]  # behind the session


@pytest.mark.parametrize("status", ["THREATS_FOUND", "UNSUPPORTED", "FAILED"])
def test_two_administrators_let_a_file_pass(
    browser: Browser, other: Browser, portal: Running, ada: Person, status: str
) -> None:
    """One asks, the other confirms, each with a reason; its version is tagged, and what waited is sent."""
    file = upload_file(portal, CLARA, "film.mp4")
    share_files(portal, CLARA, [file])
    close_now = ScanResult(status, file.version_id)
    assert take_result(file.key, close_now, portal.portal.services)
    sweep(portal.portal.services, lambda: 100.0)
    assert "ask" in browser.get(place(file)).text
    ask(browser, file)
    assert not is_served(portal, file)
    assert "A false alarm." in other.get(place(file)).text
    confirm(other, file)
    assert is_served(portal, file)
    for late in (close_now, ScanResult("FAILED", file.version_id)):
        take_result(file.key, late, portal.portal.services)
    assert is_served(portal, file)
    tags = clients(portal.config.region).get("s3").get_object_tagging(
        Bucket=portal.config.files_bucket, Key=file.key, VersionId=file.version_id
    )["TagSet"]  # fmt: skip
    assert tags == [{"Key": "PortalRelease", "Value": "released"}]
    invited = [each for each in list_mails(portal) if "partner@example.com" in str(each.destinations)]
    assert len(invited) == (0 if status == "THREATS_FOUND" else 1)  # its invitation had ended by then
    (record,) = list_records(portal, "file.released")
    details = {name: each["S"] for name, each in record["details"]["M"].items()}
    assert (details["why"], details["asked_by"]) == ("I looked at it.", "Ada Minh")
    other.get(place(file), 404)
    assert "film" not in other.get("/admin/quarantine").text


def test_nobody_lets_a_file_pass_alone(
    browser: Browser, portal: Running, ada: Person, other: Browser
) -> None:
    """Neither by the form, which is not there, nor by sending it; nor with a reason that nobody gave."""
    file = close(portal)
    browser.get(place(file))
    assert browser.submit(place(file, "/ask"), 400, reason=" \n ").status == 400
    ask(browser, file)
    page = browser.get(place(file))
    assert not page.document.all("form", action=place(file, "/confirm"))
    secret = page.fields(place(file, "/decline"))
    browser.ask("POST", place(file, "/confirm"), 403, data=secret | {"reason": "Me again."})
    assert not is_served(portal, file)
    assert confirm(other, file, 400, reason="").status == 400
    other.get(place(file))
    other.submit(place(file, "/decline"))
    assert "asked for the release" not in browser.get(place(file)).text
    assert not is_served(portal, file)


def test_a_confirmation_is_of_what_was_read(
    browser: Browser, other: Browser, portal: Running, ada: Person
) -> None:
    """Taken back and asked again with another reason, or closed for more: the old page confirms nothing."""
    file = close(portal, status="UNSUPPORTED")
    ask(browser, file)
    other.get(place(file))
    browser.get(place(file))
    browser.submit(place(file, "/decline"))
    portal.clock.turn(seconds=1)
    ask(browser, file, "Another reason.")
    other.submit(place(file, "/confirm"), 409, reason="I looked at it.")
    other.get(place(file))
    take_result(file.key, ScanResult("THREATS_FOUND", file.version_id), portal.portal.services)
    assert other.submit(place(file, "/confirm"), 409, reason="I looked at it.").status == 409
    assert not is_served(portal, file)


def test_what_comes_between_reading_and_releasing_wins(portal: Running) -> None:
    """With the answer of the read held while malware is found, it is declined, or another releases it:
    nothing passes that nobody confirmed, it passes once, and no tag opens what stays closed.
    """
    services = portal.portal.services
    changes: dict[str, Callable[[File], object]] = {
        "malware": lambda file: take_result(file.key, ScanResult("THREATS_FOUND", file.version_id), services),
        "declined": lambda file: as_admin(
            portal, "Ada Minh", quarantine.DECLINE_RELEASE, file, asked_at(portal, file)
        ),
        "released": lambda file: as_admin(
            portal, "Eva Roth", quarantine.CONFIRM_RELEASE, file, asked_at(portal, file)
        ),
    }
    for name, change in changes.items():
        file = close(portal, status="UNSUPPORTED")
        as_admin(portal, "Ada Minh", quarantine.ASK_RELEASE, file)
        seen = asked_at(portal, file)
        with HeldAnswer(portal, 0, partial(change, file)) as held, pytest.raises(Refusal):
            as_admin(portal, "Ida Berg", quarantine.CONFIRM_RELEASE, file, seen)
        assert held.happened == ["changed"]
        assert is_served(portal, file) is (name == "released")
        scanner = services.scanner
        assert isinstance(scanner, Scanner)
        tags = scanner.read_tags(file.key, file.version_id)
        assert tags["PortalRelease"] == ("released" if name == "released" else "closed")
    done = [each for each in list_records(portal, "file.released") if each["outcome"]["S"] == "done"]
    assert len(done) == 1


def test_it_is_scanned_again_and_removed(
    browser: Browser, portal: Running, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second scan that finds it clean opens what could not be scanned; never what malware was found in."""
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(Scanner, "scan", lambda self, *named: asked.append(named) is None)
    failed, infected = close(portal, "failed.zip", "FAILED"), close(portal)
    for file in (failed, infected):
        browser.get(place(file))
        browser.submit(place(file, "/scan"))
        take_result(file.key, ScanResult("NO_THREATS_FOUND", file.version_id), portal.portal.services)
    assert asked == [(file.key, file.version_id) for file in (failed, infected)]
    assert is_served(portal, failed)
    assert not is_served(portal, infected)
    assert "Only a release opens the file." in browser.get(place(infected)).text
    browser.submit(place(infected, "/delete"))
    assert portal.portal.services.files.find(infected.id) is None
    assert list_objects(portal) == [failed.key]
    assert "Nothing is in quarantine" in browser.get("/admin/quarantine").text


def test_a_scanner_that_does_not_take_it_says_so(
    browser: Browser, portal: Running, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scanner, "scan", lambda self, *named: False)
    file = close(portal)
    browser.get(place(file))
    assert "does not take this file" in browser.submit(place(file, "/scan"), 409).text


@pytest.mark.requirement("R24")
def test_hostile_words_stay_words(browser: Browser, other: Browser, portal: Running, ada: Person) -> None:
    """In names, threats and reasons; on the list, the page and in the history."""
    for place_of, evil in enumerate(CORPUS):
        file = upload_file(portal, CLARA, f"{place_of}.pdf")
        result = ScanResult("THREATS_FOUND", file.version_id, (evil,))
        take_result(file.key, result, portal.portal.services)
    ask(browser, file, "<script>alert(1)</script>")
    for page in (
        other.get("/admin/quarantine"),
        other.get(place(file)),
        other.get(f"/admin/files/{file.id}"),
    ):
        assert not [each for each in page.document.all("script") if "alert" in each.text]
        assert not page.document.all("img", src="x")
