"""One's account: who one is, the end of every session, and the end of the account."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.actions import link_token, list_objects, list_rows, read_state, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import sign_in


def test_it_says_who_one_is_and_what_is_stored(browser: Browser, portal: Running) -> None:
    me = sign_in(browser)
    upload_file(portal, me)
    page = browser.get("/account")
    for said in ("Ana Lopes", "ana@example.org", "Staff", "1 file, 12 bytes"):
        assert said in page.text


@pytest.mark.requirement("R10")
def test_signing_out_everywhere_ends_every_session(new_browser: Callable[[], Browser]) -> None:
    """The very next request of each."""
    here, there, ben = new_browser(), new_browser(), new_browser()
    for browser in (here, there):
        sign_in(browser)
    sign_in(ben, "Ben Okoro")
    here.get("/account")
    assert here.submit("/account/sign-out-everywhere").location.endswith(
        "logout_uri=https%3A%2F%2Ffiles.example.org%2F"
    )
    for browser in (here, there):
        assert "/login" in browser.get("/account", 303).location
    ben.get("/account")


def test_deleting_wants_ones_own_address(browser: Browser, portal: Running) -> None:
    me = sign_in(browser)
    upload_file(portal, me)
    before = read_state(portal)
    assert "Your 1 file (12 bytes)" in browser.get("/account").text
    page = browser.submit("/account/delete", 400, confirmation="ben@example.org")
    assert "exactly as shown above" in page.text
    assert page.fields("/account/delete")["confirmation"] == "ben@example.org"
    assert read_state(portal) == before


@pytest.mark.requirement("R61")
def test_a_deleted_account_leaves_nothing_behind(new_browser: Callable[[], Browser], portal: Running) -> None:
    """Signed out, files and shares gone, links dead; what stays is the audit log."""
    here, there = new_browser(), new_browser()
    me = sign_in(here)
    sign_in(there)
    made = share_files(portal, me, [upload_file(portal, me)])
    here.get("/account")
    done = here.submit("/account/delete", 200, confirmation=" ANA@example.org")
    assert done.heading == "Your account is being deleted"
    for browser in (here, there):
        assert "/login" in browser.get("/account", 303).location
    assert here.get(f"/d/{link_token(portal, made)}", 404)
    assert list_objects(portal) == []
    kept = {item["pk"]["S"].split("#")[0] for item in list_rows(portal) if "ttl" not in item}
    assert kept == {"AUDIT", "TOTALS"}


@pytest.mark.requirement("R10")
def test_one_browser_is_signed_out_from_another(browser: Browser, new_browser: Callable[[], Browser]) -> None:
    """Each is named by device and address; a session that is not one's own is not there."""
    sign_in(browser)
    other, stranger = new_browser(), new_browser()
    sign_in(other)
    sign_in(stranger, "Ben Okoro")
    page = browser.get("/account")
    assert "this browser" in page.text
    assert "from 127.0.0.1" in page.text
    (action,) = {
        each.attributes["action"] for each in page.document.all("form")
        if each.attributes["action"].startswith("/account/sessions/")
    }  # fmt: skip
    token = stranger.get("/account").document.all("input", name="csrf_token")[0].attributes["value"]
    stranger.ask("POST", action, 404, data={"csrf_token": token})
    browser.submit(action)
    other.ask("GET", "/files", 303)
    browser.get("/files")
