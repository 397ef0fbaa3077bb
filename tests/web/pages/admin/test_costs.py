"""`/admin/costs`: what a period cost, who and what cost most, and what a shorter retention would save."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from portal.domain.usage.prices import PriceName
from tests.actions import (
    download_file,
    link_token,
    make_person,
    record_delivery,
    share_files,
    sign_in_before,
    upload_file,
)
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.counted import count_records
from tests.web.page import Page
from tests.web.signed_in import Calls, sign_in

CLARA = make_person("Clara Diaz")
BODY = b"x" * 100_000


@pytest.fixture
def admin(browser: Browser) -> Browser:
    sign_in(browser, "Ada Minh", "admins")
    return browser


def deliver(portal: Running) -> str:
    """Clara shares a file with two people, one of whom gets all of it; the share's id."""
    sign_in_before(portal, CLARA)
    file = upload_file(portal, CLARA, "=plan.pdf", BODY)
    made = share_files(portal, CLARA, [file], recipients_text="ben@example.com cy@example.com")
    download_file(portal, link_token(portal, made), file)
    record_delivery(portal, made, file)
    count_records(portal)
    keep(portal)
    return made.about


def keep(portal: Running) -> None:
    portal.portal.services.usage.keep_tops(portal.clock().date(), portal.clock())


def read_rows(page: Page, name: str) -> list[list[str]]:
    section = page.document.one("section", **{"aria-labelledby": name})
    return [[cell.text for cell in row.all("td")] for row in section.one("table").all("tr")[1:]]


def read_csv(page: Page) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.answer.data.decode("utf-8-sig"))))


def test_a_period_by_person_and_by_share(admin: Browser, portal: Running) -> None:
    share_id = deliver(portal)
    page = admin.get("/admin/costs?days=1")
    assert "Estimates" in page.text
    (row,) = read_rows(page, "who")
    assert row[0] == "Clara Diaz"
    assert row[1:] == ["less than 0.01 USD"] * 4
    page = admin.get(
        page.links["Shares"] if "by=shares" in page.links["Shares"] else "/admin/costs?days=1&by=shares"
    )
    (row,) = read_rows(page, "who")
    assert row[0] == "=plan.pdf Clara Diaz"
    (heading, line) = read_csv(admin.get("/admin/costs.csv?days=1&by=shares"))
    known = dict(zip(heading, line, strict=True))
    assert (known["id"], known["name"], known["owner"]) == (share_id, "'=plan.pdf", "Clara Diaz")
    assert known["mail_usd"] == "0.000200"
    assert known["delivery_usd"] == "0.000008"
    assert float(known["total_usd"]) > 0.0002


def test_every_day_of_a_period_as_csv(admin: Browser, portal: Running) -> None:
    deliver(portal)
    portal.clock.turn(days=1)
    upload_file(portal, CLARA, body=BODY)
    keep(portal)
    sign_in(admin, "Ada Minh", "admins")
    rows = read_csv(admin.get("/admin/costs.csv?days=7"))
    assert len(rows) == 8
    stored = [int(row[1]) for row in rows[1:]]
    assert stored == [len(BODY)] * 6 + [2 * len(BODY)]
    today = portal.clock().date()
    admin.get(f"/admin/costs.csv?from={today}&to={today - timedelta(days=1)}", 400)
    assert (
        "The period ends before it begins."
        in admin.get(f"/admin/costs?from={today}&to={today - timedelta(days=1)}").text
    )


def test_what_was_stored_on_a_day_is_not_overwritten_later(admin: Browser, portal: Running) -> None:
    """Lists of the days before are made again as S3's logs come; what is stored by then is another day's."""
    deliver(portal)
    day = portal.clock().date()
    portal.clock.turn(days=1)
    upload_file(portal, CLARA, body=BODY)
    usage = portal.portal.services.usage
    usage.keep_tops(day, portal.clock())
    keep(portal)
    reading = usage.read([], [day, portal.clock().date()])
    assert list(reading.stored.values()) == [len(BODY), 2 * len(BODY)]


def test_a_shorter_retention_and_the_prices_are_shown(admin: Browser, portal: Running) -> None:
    upload_file(portal, CLARA, body=BODY)
    count_records(portal)
    portal.clock.turn(days=20)
    sign_in(admin, "Ada Minh", "admins")
    page = admin.get("/admin/costs")
    assert read_rows(page, "shorter") == [
        ["7 days", "100.0 kB", "less than 0.01 USD"], ["14 days", "100.0 kB", "less than 0.01 USD"],
        ["30 days", "0 bytes", "0.00 USD"], ["60 days", "0 bytes", "0.00 USD"],
    ]  # fmt: skip
    assert len(read_rows(page, "prices")) == len(PriceName)
    assert "not known yet" in page.text


def test_calls_do_not_grow_with_what_there_is(admin: Browser, portal: Running) -> None:
    deliver(portal)
    today = portal.clock().date()
    for path in (
        "/admin/costs?days=90", "/admin/costs?days=90&by=shares",
        f"/admin/costs?from={today - timedelta(days=300)}&to={today - timedelta(days=211)}&by=shares",
    ):  # fmt: skip
        with Calls(portal) as calls:
            page = admin.get(path)
        assert calls.names.count("BatchGetItem") <= 4, path
        assert len(page.answer.data) < 60_000
