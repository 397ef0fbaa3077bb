"""A form counts where the browser says that it was on a page of ours; each refusal names its cause."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from tests.actions import link_token, list_mails, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import sign_in

pytestmark = [pytest.mark.requirement("R14"), pytest.mark.requirement("R15")]

HOME = "https://files.example.org"
# What each header says: "" is left out, and true means that it names us.
FETCH_SITES = {
    "": None,
    "none": None,
    "same-origin": True,
    "same-site": False,
    "cross-site": False,
    "x": False,
}
ORIGINS = {
    "": None, "null": None, HOME: True, f"{HOME}:443": True, "https://FILES.example.org": True,
    "http://files.example.org": False, f"{HOME}:8443": False, "https://files.example.org.evil.example": False,
    "https://evil.example": False, "https://[": False,
}  # fmt: skip
REFERERS = {
    "": None, f"{HOME}/probe": True, HOME: True, "https://evil.example/files.example.org": False,
    "https://files.example.org@evil.example/": False, "http://files.example.org/": False, "https://[/": False,
}  # fmt: skip


def send(browser: Browser, site: str, origin: str, referer: str) -> int:
    headers = {"Referer": referer, "Sec-Fetch-Site": site, "Origin": origin}
    fields = browser.get("/probe").fields("/probe") | {"said": "hello"}
    return browser.ask("POST", "/probe", data=fields, headers=headers).status


@pytest.mark.requirement("T1")
@pytest.mark.parametrize("site", FETCH_SITES)
def test_one_header_is_enough_and_none_may_name_another_site(browser: Browser, site: str) -> None:
    sign_in(browser)
    for origin, referer in product(ORIGINS, REFERERS):
        claims = {FETCH_SITES[site], ORIGINS[origin], REFERERS[referer]} - {None}
        status = 303 if claims == {True} else 400
        assert send(browser, site, origin, referer) == status, (site, origin, referer)


def test_without_any_of_them_the_page_says_so(browser: Browser) -> None:
    sign_in(browser)
    fields = browser.get("/probe").fields("/probe") | {"said": "hello"}
    page = browser.ask("POST", "/probe", 400, data=fields, headers={"Referer": ""})
    assert "does not say which page this came from" in page.text
    page = browser.ask("POST", "/probe", 400, data=fields, headers={"Origin": "https://evil.example"})
    assert "the page of another site" in page.text


def test_a_form_of_an_older_session_is_not_shown_again_to_another_site(browser: Browser) -> None:
    sign_in(browser)
    sent = {"name": "Free prizes", "recipients": "x@evil.example"}
    page = browser.ask("POST", "/groups/new", 400, data=sent, headers={"Origin": "https://evil.example"})
    assert "Free prizes" not in page.text


def test_without_cookies_the_page_says_so(new_browser: Callable[[], Browser], portal: Running) -> None:
    """On a partner's page, on the front page, and at signing in."""
    owner = new_browser()
    me = sign_in(owner)
    path = f"/d/{link_token(portal, share_files(portal, me, [upload_file(portal, me)], confirm=True))}"
    before = len(list_mails(portal))
    for page, action in ((path, f"{path}/code"), ("/", "/language")):
        browser = new_browser()
        fields = browser.get(page).fields(action)
        browser.client = new_browser().client
        answer = browser.ask("POST", action, 400, data=fields)
        assert "Allow cookies for this address" in answer.text
        assert "open too long" not in answer.text
    assert len(list_mails(portal)) == before
    browser = new_browser()
    address = browser.to_provider()
    answer = new_browser().come_back(address)
    assert answer.status == 400
    assert "Allow cookies for this address" in answer.text


def test_a_program_is_told_which_it_is(browser: Browser) -> None:
    """problem+json, as everywhere under /v1."""
    sign_in(browser)
    token = browser.get("/probe").fields("/probe")["csrf_token"]
    for headers, reason in (
        ({"Referer": ""}, "no_origin"), ({"Origin": "https://evil.example"}, "foreign_origin"),
        ({"X-CSRFToken": "x"}, "stale_form"),
    ):  # fmt: skip
        answer = browser.ask("POST", "/v1/probe", 400, json={}, headers={"X-CSRFToken": token} | headers)
        assert answer.answer.json["reason"] == reason
