"""Figures of periods, who and what had most, and the same as CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.mail.account_problems import MailTrouble, TroubleMet
from portal.domain.usage.attention import ServiceState
from tests.actions import (
    download_file,
    link_token,
    make_person,
    preview_file,
    record_delivery,
    share_files,
    upload_file,
)
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.counted import count_records
from tests.web.page import Page
from tests.web.signed_in import Calls, sign_in

CLARA = make_person("Clara Diaz")
HOSTILE = "=1+1.pdf"


@pytest.fixture
def admin(browser: Browser) -> Browser:
    sign_in(browser, "Ada Minh", "admins")
    return browser


def deliver(portal: Running, name: str = "plan.pdf") -> None:
    """Clara shares a file; its recipient looks at it, then gets all of it."""
    file = upload_file(portal, CLARA, name)
    made = share_files(portal, CLARA, [file])
    preview_file(portal, link_token(portal, made), file)
    download_file(portal, link_token(portal, made), file)
    record_delivery(portal, made, file)


def read_numbers(page: Page) -> dict[str, tuple[str, str]]:
    """The figures of the period, each with that of the period before."""
    (listed,) = page.document.all("dl", **{"aria-label": "Figures of this period"})
    found = [[each.text for each in number.all("dt", "dd")] for number in listed.all("div")]
    return {label: (value, before) for label, value, before in found}


def read_top(page: Page, name: str) -> list[list[str]]:
    section = page.document.one("section", **{"aria-labelledby": name})
    return [[cell.text for cell in row.all("td")] for row in section.all("tr")[1:]]


def read_csv(page: Page) -> list[list[str]]:
    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(page.answer.data.decode("utf-8-sig"))))


def test_a_period_is_compared_with_the_one_before(admin: Browser, portal: Running) -> None:
    deliver(portal)
    count_records(portal)
    numbers = read_numbers(admin.get("/admin?days=1"))
    assert numbers["Files uploaded"] == ("1", "0 the day before")
    assert numbers["Bytes delivered"] == ("12 bytes", "0 bytes the day before")
    assert numbers["Active people"][0] == "2"
    portal.clock.turn(days=1)
    sign_in(admin, "Ada Minh", "admins")
    assert read_numbers(admin.get("/admin?days=1"))["Downloads"] == ("0", "1 the day before")
    assert read_numbers(admin.get("/admin"))["Downloads"] == ("1", "0 in the 7 days before")


def test_ones_own_period_is_in_the_address(admin: Browser, portal: Running) -> None:
    deliver(portal)
    count_records(portal)
    today = portal.clock().date()
    page = admin.get(f"/admin/usage?from={today - timedelta(days=2)}&to={today}")
    assert read_numbers(page)["Downloads"] == ("1", "0 in the 3 days before")
    assert page.document.one("input", id="from").attributes["value"] == str(today - timedelta(days=2))
    refused = admin.get(f"/admin/usage?from={today}&to={today - timedelta(days=1)}")
    assert "The period ends before it begins." in refused.text
    assert refused.document.one("input", id="from").attributes["value"] == str(today)
    admin.get(f"/admin/usage.csv?from={today}&to=never", 400)


def test_who_and_what_had_most(admin: Browser, portal: Running) -> None:
    deliver(portal)
    count_records(portal)
    page = admin.get("/admin/usage")
    numbers = {label: value for label, (value, _) in read_numbers(page).items()}
    assert numbers["Complete deliveries"] == numbers["Previews"] == numbers["Downloads"] == "1"
    assert read_top(page, "people") == [["Someone whose account was deleted", "12 bytes", "1", "1", "0"]]
    assert read_top(page, "files") == [["plan.pdf", "12 bytes", "1", "1", "0"]]
    assert read_top(page, "domains") == [["example.com", "12 bytes", "1", "1", "0"]]
    assert "A log of S3 was last taken in" in page.text


def test_each_chart_has_its_table(admin: Browser, portal: Running) -> None:
    deliver(portal)
    count_records(portal)
    page = admin.get("/admin?days=30")
    plot = page.document.one("div", **{"data-table": "downloads-table"})
    assert plot.attributes["aria-hidden"] == "true"
    rows = page.document.one("table", id="downloads-table").all("tr")
    assert len(rows) == 31
    assert (rows[-1].one("td").text, rows[-1].one("td").attributes["data-value"]) == ("1", "1")
    assert not [each for each in page.document.all("div", "span", "td") if "style" in each.attributes]


@pytest.mark.requirement("R26")
def test_as_csv_no_name_is_a_formula(admin: Browser, portal: Running) -> None:
    deliver(portal, HOSTILE)
    count_records(portal)
    days = read_csv(admin.get("/admin/usage.csv?days=7"))
    assert len(days) == 8
    last = dict(zip(days[0], days[-1], strict=True))
    assert (last["day"], last["bytes_delivered"]) == (str(portal.clock().date()), "12")
    files = read_csv(admin.get("/admin/usage.csv?days=7&list=files"))
    assert files[1][1] == f"'{HOSTILE}"


def test_what_needs_attention_stands_first(admin: Browser, portal: Running) -> None:
    now, usage = portal.clock(), portal.portal.services.usage
    assert "The schedule does not run" in admin.get("/admin").text
    usage.keep_state(ServiceState(now))
    assert "Nothing needs your attention." in admin.get("/admin").text
    old = now - timedelta(hours=1)
    trouble = TroubleMet(MailTrouble.PAUSED, old, now)
    usage.keep_state(ServiceState(now, {"mail": old}, 3, 2, (trouble,)))
    mails = [Action.MAIL_SENT] * 100 + [Action.MAIL_SENT] * 100 + [Action.MAIL_BOUNCED] * 20
    actor = Actor("portal", "portal")
    count_records(portal, [AuditRecord(now, each, actor, "share") for each in mails])
    page = admin.get("/admin?days=1")
    section = page.document.one("section", **{"aria-labelledby": "attention"})
    notices = [each.text for each in section.all("div", **{"class": "notice notice-danger"})]
    said = ("Sending is paused", "2 events failed", "The oldest email", "10% of the emails")
    for words, notice in zip(said, notices, strict=True):
        assert words in notice
    assert section.one("form").attributes["action"] == "/admin/emails/again"
    assert "Sending may be paused" in page.text


@pytest.mark.requirement("R71")
@pytest.mark.parametrize(("path", "most"), [("/admin?days=90", 2), ("/admin/usage?days=90", 4)])
def test_ninety_days_are_read_in_few_calls(admin: Browser, portal: Running, path: str, most: int) -> None:
    """Beside the session's own, and the queries of what happened last."""
    deliver(portal)
    count_records(portal)
    with Calls(portal) as session:
        admin.get("/admin/emails")
    with Calls(portal) as calls:
        admin.get(path)
    reads = [each for each in calls.names if each != "Query"]
    assert set(reads) == {"BatchGetItem"}
    assert len(reads) - session.names.count("BatchGetItem") <= most
    assert "usage" not in path or "Query" not in calls.names
