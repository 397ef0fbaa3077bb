"""`/account/tokens`: making tokens, seeing them listed, and revoking them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.people.access_tokens import PREFIX, parse_token
from portal.domain.people.person import Person
from tests.actions import make_id
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.tokens import Program, make_token

pytestmark = pytest.mark.requirement("R11", "R12")


def make(browser: Browser, **values: Any) -> Page:
    browser.get("/account/tokens")
    status = values.pop("status", 200)
    asked = {"name": "Nightly", "scopes": ["read", "share"], "days": "30", **values}
    return browser.submit("/account/tokens", status, **asked)


def test_a_token_is_made_on_the_account_page_and_shown_once(
    portal: Running, browser: Browser, ana: Person, program: Callable[[str], Program]
) -> None:
    page = make(browser)
    text = next(
        each.attributes["value"] for each in page.document.all("input")
        if each.attributes.get("value", "").startswith(PREFIX)
    )  # fmt: skip
    assert program(text).open("GET", "/v1/usage").status == 200
    listed = browser.get("/account/tokens")
    assert "Nightly" in listed.text
    assert text not in listed.answer.text
    known = parse_token(text)
    assert known
    assert known.secret not in str(portal.portal.services.access_tokens.list_of(ana.id))
    browser.submit(f"/account/tokens/{known.token_id}/revoke")
    assert program(text).open("GET", "/v1/usage").status == 401
    assert not portal.portal.services.access_tokens.list_of(ana.id)


@pytest.mark.requirement("I7")
def test_the_same_form_twice_is_one_token(portal: Running, browser: Browser, ana: Person) -> None:
    browser.get("/account/tokens")
    asked = browser.page.fields("/account/tokens") if browser.page else {}
    asked |= {"name": "Nightly", "scopes": "read"}
    browser.ask("POST", "/account/tokens", 200, data=asked)
    browser.ask("POST", "/account/tokens", 409, data=asked)
    assert len(portal.portal.services.access_tokens.list_of(ana.id)) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 61), ("scopes", []), ("scopes", ["admin"]), ("scopes", ["everything"]),
        ("days", "0"), ("days", "367"), ("days", "x"), ("submission_id", "x"),
    ],
)  # fmt: skip
def test_what_a_token_cannot_be_is_said(
    portal: Running, browser: Browser, ana: Person, field: str, value: Any
) -> None:
    assert make(browser, status=400, **{field: value}).document.all(role="alert")
    assert not portal.portal.services.access_tokens.list_of(ana.id)


def test_nobody_revokes_anothers_token(portal: Running, browser: Browser, ana: Person) -> None:
    other = parse_token(make_token(portal, Person("0" * 26, "x", "Eve", "eve@example.org"), "read"))
    assert other
    browser.get("/account/tokens")
    secret = browser.page.fields("/account/tokens")["csrf_token"] if browser.page else ""
    for token_id in (other.token_id, make_id(portal), "x"):
        browser.ask("POST", f"/account/tokens/{token_id}/revoke", 404, data={"csrf_token": secret})
