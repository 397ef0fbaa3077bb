"""What nobody should type into a share, at the form: refused in words, or taken exactly as it was meant."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from portal.domain.people.person import Person
from tests.actions import list_mails, list_rows, upload_file
from tests.builders import Running
from tests.cpu_time import measure_least
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import sign_in

NEW = "/shares/new"
MANY = 10_000


def send_form(
    browser: Browser, portal: Running, person: Person, answers: dict[str, str], status: int = 400
) -> Page:
    """The form for one file, filled in with these answers, and Share."""
    file = upload_file(portal, person)
    form = browser.get(f"{NEW}?file={file.id}").fields(NEW)
    given = {"recipients": "carol@partner.example", "file": file.id, "step": "share"}
    return browser.ask("POST", NEW, status, data=form | given | answers)


def shares(portal: Running) -> list[dict[str, Any]]:
    return [item for item in list_rows(portal) if "expires_at" in item and "owner_name" in item]


def errors(page: Page) -> set[str]:
    found = page.document.all("div", **{"class": "field-error"})
    return {each.attributes["id"].removesuffix("-error") for each in found}


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "101", "1e2", "0x10", "٣.٥", "9" * 5000, "NaN", "--"])
def test_a_limit_that_is_none(browser: Browser, portal: Running, ana: Person, limit: str) -> None:
    """Said at the field, with what was typed still there; nothing is shared."""
    page = send_form(browser, portal, ana, {"download_limit": limit})
    assert errors(page) == {"download_limit"}
    assert page.fields(NEW)["download_limit"] == limit
    assert shares(portal) == []
    assert list_mails(portal) == []


@pytest.mark.parametrize("limit", ["1", "100", " 3 ", "", "\uff13", "\u0661\u0660", "\u202a7\u202c"])
def test_a_limit_that_is_one(browser: Browser, portal: Running, ana: Person, limit: str) -> None:
    send_form(browser, portal, ana, {"download_limit": limit}, 303)
    (made,) = shares(portal)
    kept = made.get("download_limit", {}).get("N")
    assert kept == (
        {"\uff13": "3", "\u0661\u0660": "10", "\u202a7\u202c": "7"}.get(limit, limit.strip()) or None
    )


@pytest.mark.requirement("R47")
@pytest.mark.parametrize(
    "day",
    ["2028-02-18", "2028-02-30", "2027-02-29", "2028-06-01", "0000-00-00", "10000-01-01", "2028-2-",
     "tomorrow", "2028-02-29T10:00", "'--"],
)  # fmt: skip
def test_a_last_day_that_is_none(browser: Browser, portal: Running, day: str) -> None:
    """Yesterday, no such day, beyond the policy's 90 days, not a date."""
    portal.clock.now = datetime(2028, 2, 19, 12, tzinfo=UTC)
    page = send_form(browser, portal, sign_in(browser), {"last_day": "date", "expires_on": day})
    assert errors(page) == {"expires_on"}
    assert page.fields(NEW)["expires_on"] == day
    assert shares(portal) == []


@pytest.mark.requirement("R47")
@pytest.mark.parametrize(
    ("today", "day", "ends"),
    [
        ("2028-02-19", "2028-02-29", "2028-02-29T22:59:59"),  # the leap day
        ("2028-02-29", "2028-02-29", "2028-02-29T22:59:59"),  # and on it
        ("2027-01-10", "2027-02-28", "2027-02-28T22:59:59"),
        ("2026-03-20", "2026-03-28", "2026-03-28T22:59:59"),  # winter time still
        ("2026-03-20", "2026-03-29", "2026-03-29T21:59:59"),  # 23 hours: the clock is put forward
        ("2026-10-20", "2026-10-24", "2026-10-24T21:59:59"),
        ("2026-10-20", "2026-10-25", "2026-10-25T22:59:59"),  # 25 hours
    ],
)
def test_the_last_day_is_the_whole_day_in_the_senders_zone(
    browser: Browser, portal: Running, today: str, day: str, ends: str
) -> None:
    """On a leap day, and on the days when the clocks change."""
    portal.clock.now = datetime.fromisoformat(f"{today}T12:00:00+00:00")
    browser.client.set_cookie("zone", "Europe/Berlin", domain="files.example.org")
    answer = send_form(browser, portal, sign_in(browser), {"last_day": "date", "expires_on": day}, 303)
    (made,) = shares(portal)
    assert made["expires_at"]["S"].startswith(ends)
    assert "23:59" in browser.follow(answer).text


@pytest.mark.requirement("R23", "R51")
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("p{}@example.com", "A share can have at most 500 recipients; these are 10000."),
        ("nobody {}", "Not an email address: nobody 0; nobody 1; nobody 2; nobody 3; nobody 4. Put one "
            "address on each line, such as ana@example.org."),
    ],
)  # fmt: skip
def test_ten_thousand_recipients(
    browser: Browser, portal: Running, ana: Person, line: str, sentence: str
) -> None:
    """One sentence, within a second, and no list of them all."""
    pasted = "\n".join(line.format(n) for n in range(MANY))
    page = send_form(browser, portal, ana, {"recipients": pasted})
    assert errors(page) == {"recipients"}
    assert page.document.one("div", id="recipients-error").text == sentence
    assert shares(portal) == []
    fields = browser.page.fields(NEW) | {"recipients": pasted, "step": "share"}
    assert measure_least(partial(browser.ask, "POST", NEW, 400, data=fields)) < 1


@pytest.mark.requirement("R12")
def test_unknown_fields_are_passed_over(browser: Browser, portal: Running, ana: Person) -> None:
    """What the table calls its own is nobody's to say."""
    unknown = {
        "owner_id": "somebody", "owner_name": "Somebody", "owner_address": "x@example.com", "id": "x",
        "pk": "x", "state": "withdrawn", "status": "open", "downloads": "-5", "download_count": "-5",
        "role": "admin", "key": "files/x", "scan_status": "clean", "created_at": "2020-01-01",
        "expires_at": "2099-01-01", "version": "99", "addresses": "x@example.com", "generation": "7",
        "password_hash": "x", "zone": "Mars", "now": "2099-01-01", "actor": "x", "__class__": "x",
        "is_admin": "1", "max_share_days": "9999",
    }  # fmt: skip
    send_form(browser, portal, ana, {}, 303)
    portal.clock.turn(seconds=1)
    send_form(browser, portal, ana, unknown, 303)
    plain, other = sorted(shares(portal), key=lambda item: item["created_at"]["S"])
    own = {"pk", "sk", "id", "first_files", "content_digest", "created_at"}
    own |= {"list_time", "list_name", "due_at"}
    assert {name for name in plain if plain[name] != other.get(name)} <= own
    assert set(plain) == set(other)
    assert {mail.destinations["ToAddresses"][0] for mail in list_mails(portal)} == {"carol@partner.example"}
