"""The admins' first page."""

from __future__ import annotations

from tests.builders import Running
from tests.doing import opened, shared, somebody, token_of, uploaded
from tests.web.browser import Browser
from tests.web.signed_in import signed_in

CLARA = somebody("Clara Diaz")


def test_it_has_totals_and_what_happened_last(browser: Browser, portal: Running) -> None:
    made = shared(portal, CLARA, [uploaded(portal, CLARA)])
    portal.clock.turn(seconds=1)
    opened(portal, token_of(portal, made))
    signed_in(browser, "Ada Minh", "admins")
    page = browser.get("/admin")
    numbers = {
        each.one("dt").text: each.one("dd").text for each in page.document.all("div", **{"class": "number"})
    }
    assert numbers == {"People": "1", "Files": "1", "Stored": "12 bytes", "Shares": "1", "Downloads": "0"}
    for said in ("Clara Diaz shared report.pdf with partner@example.com.", "Ada Minh signed in."):
        assert said in page.text


def test_it_goes_back_by_cursor(browser: Browser, portal: Running) -> None:
    """R62: everything once, newest first."""
    for place in range(12):
        portal.clock.turn(seconds=1)
        uploaded(portal, CLARA, f"file-{place}.pdf")
    portal.clock.turn(seconds=1)
    signed_in(browser, "Ada Minh", "admins")
    told = []
    page = browser.get("/admin")
    while True:
        told += [row.all("td")[0].text for row in page.document.one("tbody").all("tr")]
        if "Next" not in page.links:
            break
        page = browser.get(page.links["Next"])
    assert len([each for each in told if "arrived complete" in each]) == 12
    assert told[0] == "Ada Minh signed in."


def test_staff_are_kept_out(browser: Browser) -> None:
    """R12."""
    signed_in(browser, "Ana Lopes", "staff", "administrators")
    browser.get("/admin", 403)
