"""The admins' first page."""

from __future__ import annotations

import pytest

from tests.actions import link_token, make_person, share_files, upload_file, visit_link
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import sign_in

CLARA = make_person("Clara Diaz")


def test_it_has_totals_and_what_happened_last(browser: Browser, portal: Running) -> None:
    made = share_files(portal, CLARA, [upload_file(portal, CLARA)])
    portal.clock.turn(seconds=1)
    visit_link(portal, link_token(portal, made))
    sign_in(browser, "Ada Minh", "admins")
    page = browser.get("/admin")
    totals = page.document.one("section", **{"aria-labelledby": "totals"})
    numbers = {each.one("dt").text: each.one("dd").text for each in totals.all("div", **{"class": "number"})}
    assert numbers == {"People": "1", "Files": "1", "Stored": "12 bytes", "Shares": "1", "Downloads": "0"}
    for said in ("Clara Diaz shared report.pdf with partner@example.com.", "Ada Minh signed in."):
        assert said in page.text


def test_it_has_the_last_ten_and_leads_to_all(browser: Browser, portal: Running) -> None:
    for place in range(12):
        portal.clock.turn(seconds=1)
        upload_file(portal, CLARA, f"file-{place}.pdf")
    portal.clock.turn(seconds=1)
    sign_in(browser, "Ada Minh", "admins")
    page = browser.get("/admin")
    listed = page.document.one("section", **{"aria-labelledby": "activity"})
    told = [row.all("td")[0].text for row in listed.one("tbody").all("tr")]
    assert len(told) == 10
    assert told[0] == "Ada Minh signed in."
    assert page.links["All activity"] == "/admin/audit"


@pytest.mark.requirement("R12")
def test_staff_are_kept_out(browser: Browser) -> None:
    sign_in(browser, "Ana Lopes", "staff", "administrators")
    browser.get("/admin", 403)
