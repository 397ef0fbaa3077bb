"""One's account: who one is, the end of every session, and the end of the account."""

from __future__ import annotations

from collections.abc import Callable

from tests.builders import Running
from tests.doing import objects, rows, shared, state, token_of, uploaded
from tests.web.browser import Browser
from tests.web.signed_in import signed_in


def test_it_says_who_one_is_and_what_is_stored(browser: Browser, portal: Running) -> None:
    me = signed_in(browser)
    uploaded(portal, me)
    page = browser.get("/account")
    for said in ("Ana Lopes", "ana@example.org", "Staff", "1 file, 12 bytes"):
        assert said in page.text


def test_signing_out_everywhere_ends_every_session(new_browser: Callable[[], Browser]) -> None:
    """R10: the very next request of each."""
    here, there, ben = new_browser(), new_browser(), new_browser()
    for browser in (here, there):
        signed_in(browser)
    signed_in(ben, "Ben Okoro")
    here.get("/account")
    assert here.submit("/account/sign-out-everywhere").location.endswith(
        "logout_uri=https%3A%2F%2Ffiles.example.org%2F"
    )
    for browser in (here, there):
        assert "/login" in browser.get("/account", 303).location
    ben.get("/account")


def test_deleting_wants_ones_own_address(browser: Browser, portal: Running) -> None:
    me = signed_in(browser)
    uploaded(portal, me)
    before = state(portal)
    assert "Your 1 file (12 bytes)" in browser.get("/account").text
    page = browser.submit("/account/delete", 400, confirmation="ben@example.org")
    assert "exactly as it stands above" in page.text
    assert page.fields("/account/delete")["confirmation"] == "ben@example.org"
    assert state(portal) == before


def test_a_deleted_account_leaves_nothing_behind(new_browser: Callable[[], Browser], portal: Running) -> None:
    """R61: signed out, files and shares gone, links dead; what stays is the audit log."""
    here, there = new_browser(), new_browser()
    me = signed_in(here)
    signed_in(there)
    made = shared(portal, me, [uploaded(portal, me)])
    here.get("/account")
    done = here.submit("/account/delete", 200, confirmation=" ANA@example.org")
    assert done.heading == "Your account is being deleted"
    for browser in (here, there):
        assert "/login" in browser.get("/account", 303).location
    assert here.get(f"/d/{token_of(portal, made)}", 404)
    assert objects(portal) == []
    kept = {item["pk"]["S"].split("#")[0] for item in rows(portal) if "ttl" not in item}
    assert kept == {"AUDIT", "TOTALS"}
