"""Exports of the audit log: asked for on its page, written by the schedule, fetched by who asked."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.aws.client.calls import clients
from portal.domain.people.person import Person
from portal.workflows.upkeep.write_exports import write_exports
from tests.actions import list_records, make_person, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import sign_in

CLARA = make_person("Clara Diaz")
PATH = "/admin/audit/exports"


@pytest.fixture
def ada(browser: Browser) -> Person:
    return sign_in(browser, "Ada Minh", "admins")


def ask(browser: Browser, query: str = "", form: str = "csv") -> Page:
    """Press one of the buttons below what was found."""
    browser.get(f"/admin/audit{query}")
    return browser.follow(browser.submit(PATH, format=form))


def link_form(page: Page) -> str:
    [action] = [each.attributes["action"] for each in page.document.all("form")
                if each.attributes.get("action", "").endswith("/link")]  # fmt: skip
    return action


def test_what_was_found_is_exported_and_fetched(browser: Browser, portal: Running, ada: Person) -> None:
    file = upload_file(portal, CLARA)
    upload_file(portal, CLARA, "other.pdf")
    portal.clock.turn(seconds=1)
    page = ask(browser, f"?thing={file.id}&person={CLARA.id}")
    file_name = f"audit-log-{portal.clock():%Y-%m-%d-%H%M}.csv"
    assert "Being written" in page.text
    write_exports(portal.portal.services, lambda: 60.0)
    page = browser.get(PATH)
    assert "Being written" not in page.text
    page = browser.submit(link_form(page), 200)
    address = urlsplit(page.links["Download within a minute"])
    query = parse_qs(address.query)
    assert query["X-Amz-Expires"] == ["60"]
    assert query["response-content-disposition"] == [f'attachment; filename="{file_name}"']
    s3, key = clients(portal.config.region).get("s3"), address.path.rpartition("exports/")[2]
    body = s3.get_object(Bucket=portal.config.logs_bucket, Key=f"exports/{key}")["Body"].read().decode()
    assert body.count(file.id) == 2
    assert "other.pdf" not in body
    assert (
        len(list_records(portal, "audit.exported")) == len(list_records(portal, "audit.export_fetched")) == 1
    )
    told = browser.get("/admin/audit").text
    assert "Ada Minh fetched exported audit records." in told


def test_an_export_is_its_askers_alone_and_gone_after_a_week(
    browser: Browser, new_browser: Callable[[], Browser], portal: Running, ada: Person
) -> None:
    ask(browser)
    action = f"{PATH}/{portal.portal.services.audit_exports.list_newest(ada.id)[0].id}/link"
    headers = {
        "X-CSRFToken": browser.get("/account").document.all("input", name="csrf_token")[0].attributes["value"]
    }
    browser.ask("POST", action, 404, headers=headers)  # it is not written yet
    write_exports(portal.portal.services, lambda: 60.0)
    browser.ask("POST", action, 200, headers=headers)
    other = new_browser()
    sign_in(other, "Ida Minh", "admins")
    assert "No exports" in other.get(PATH).text
    secret = {
        "X-CSRFToken": other.get("/account").document.all("input", name="csrf_token")[0].attributes["value"]
    }
    other.ask("POST", action, 404, headers=secret)
    portal.clock.turn(days=7)
    sign_in(browser, "Ada Minh", "admins")
    assert "No exports" in browser.get(PATH).text


def test_what_cannot_be_exported_is_said(browser: Browser, portal: Running, ada: Person) -> None:
    """Another format, a person who is not known by id, a fourth file at once."""
    browser.get("/admin/audit")
    browser.submit(PATH, 400, format="xml")
    browser.submit(PATH, 400, format="csv", person="Clara")
    for _ in range(3):
        browser.submit(PATH, format="jsonl")
    assert "still being written" in browser.submit(PATH, 429, format="jsonl").text
    assert len(list_records(portal, "audit.exported")) == 4  # the last one refused


@pytest.mark.requirement("R12")
def test_audit_readers_export_and_staff_do_not(
    browser: Browser, new_browser: Callable[[], Browser], portal: Running
) -> None:
    sign_in(browser, "Ben Okoro", "portal-audit", "portal-read-only")
    assert "Being written" in ask(browser).text
    staff = new_browser()
    sign_in(staff, "Ana Lopes", "staff")
    staff.get(PATH, 403)
    staff.get("/account")
    token = staff.page.document.all("input", name="csrf_token")[0].attributes["value"]  # type: ignore[union-attr]
    staff.ask("POST", PATH, 403, data={"format": "csv"}, headers={"X-CSRFToken": token})
