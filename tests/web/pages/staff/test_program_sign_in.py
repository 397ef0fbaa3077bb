"""`/account/tokens/authorize`: a program on one's own computer is let in by one press."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from portal.domain.people.person import Person
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.tokens import Program

pytestmark = pytest.mark.requirement("R11", "R12")
PAGE, PORT, STATE = "/account/tokens/authorize", "49321", "a-state-of-its-own"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "port": PORT, "challenge": CHALLENGE, "state": STATE, "name": "portal on laptop", "scopes": "read upload",
}  # fmt: skip


def press(browser: Browser, status: int = 303, **values: Any) -> Page:
    browser.get(f"{PAGE}?{urlencode(ASKED)}")
    return browser.submit(PAGE, status, **values)


def read_code(answer: Page) -> str:
    """Out of where the browser is sent."""
    assert answer.location.startswith(f"http://127.0.0.1:{PORT}/?"), answer.location
    said = parse_qs(urlsplit(answer.location).query)
    assert said["state"] == [STATE]
    return said["code"][0]


def exchange(caller: Program, code: object, verifier: object = VERIFIER, status: int = 200) -> Any:
    headers = {"Accept": "application/json"}
    return caller.ask(
        "POST", "/login/token", status, json={"code": code, "verifier": verifier}, headers=headers
    )


def test_a_press_lets_a_program_in(
    portal: Running, browser: Browser, ana: Person, program: Callable[[str], Program]
) -> None:
    """For what is ticked, under its name; asked again, as after a lost answer, it is the same token."""
    code = read_code(press(browser, scopes=["read"], days="30"))
    told = exchange(program(""), code)
    assert exchange(program(""), code) == told
    caller = program(told["token"])
    assert caller.get("/v1/me")["scopes"] == ["read"]
    caller.ask("POST", "/v1/uploads", 403, json={"name": "a", "size": 1})
    (kept,) = portal.portal.services.access_tokens.list_of(ana.id)
    assert (kept.name, (kept.expires_at - kept.created_at).days) == ("portal on laptop", 30)


def test_what_it_asks_for_is_ticked_and_who_asks_is_shown(browser: Browser, ana: Person) -> None:
    """The code on the page is made of the challenge, as the program makes it, too."""
    page = browser.get(f"{PAGE}?{urlencode({**ASKED, 'scopes': 'read admin everything'})}")
    ticked = [each for each in page.document.all("input", name="scopes") if "checked" in each.attributes]
    assert [each.attributes["value"] for each in ticked] == ["read"]
    assert "m4y3-tzye" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert f"form-action http://127.0.0.1:{PORT} 'self'" in policy, "browsers hold redirects to it, too"
    assert PORT not in browser.get("/account/tokens").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"port": ""}, {"port": "80"}, {"port": "65536"}, {"port": "4932x"}, {"port": "49321@evil.example"},
        {"challenge": "short"}, {"challenge": "*" * 43}, {"state": ""}, {"state": "a b"}, {"state": "a" * 65},
    ],
)  # fmt: skip
def test_an_address_that_is_incomplete_is_refused(
    portal: Running, browser: Browser, ana: Person, wrong: dict[str, str]
) -> None:
    """On the page and in the form: nobody is sent elsewhere than to this computer."""
    browser.get(f"{PAGE}?{urlencode({**ASKED, **wrong})}", 400)
    assert press(browser, 400, **wrong).location == ""
    assert not portal.portal.services.access_tokens.list_of(ana.id)


def test_a_code_is_worth_nothing_to_others(
    portal: Running, browser: Browser, ana: Person, program: Callable[[str], Program]
) -> None:
    """Without the secret, changed, or after two minutes; and no code tells its token."""
    code = read_code(press(browser))
    caller = program("")
    assert b"fileportal_" not in base64.urlsafe_b64decode(code + "==")
    for wrong in (
        (code, "x" * 43),
        (code, ""),
        (f"{code[:60]}{code[61:]}", VERIFIER),
        ("", VERIFIER),
        (code, 7),
        (None, VERIFIER),
    ):
        assert exchange(caller, *wrong, status=400)["reason"] == "code_refused"
    portal.clock.turn(minutes=3)
    exchange(caller, code, status=400)


@pytest.mark.requirement("R46")
def test_guessing_is_bounded(
    portal: Running, browser: Browser, ana: Person, program: Callable[[str], Program]
) -> None:
    caller, most = program(""), portal.portal.services.limits.rates.sign_ins.each
    for _ in range(most):
        exchange(caller, "x", status=400)
    exchange(caller, "x", status=429)


@pytest.mark.parametrize("values", [{"name": ""}, {"scopes": []}, {"scopes": ["admin"]}, {"days": "0"}])
def test_what_is_wrong_with_the_form_is_said_on_it(
    browser: Browser, ana: Person, values: dict[str, Any]
) -> None:
    answer = press(browser, 400, **values)
    assert answer.document.all(role="alert")
    assert answer.document.one("input", name="challenge").attributes["value"] == CHALLENGE


def test_an_answer_that_is_reloaded_leads_to_the_tokens(browser: Browser, ana: Person) -> None:
    """The history keeps the form's page for it, and that without what the program had asked."""
    led_to = press(browser, 400, name="").document.one("body").attributes["data-history"]
    assert browser.ask("GET", led_to, 303).location == "/account/tokens"


def test_it_leads_back_through_the_sign_in(browser: Browser) -> None:
    """Who is not signed in comes to the same page afterwards, whole."""
    wanted = f"{PAGE}?{urlencode({**ASKED, 'name': 'portal on a-computer-with-a-long-name'})}"
    asked = browser.ask("GET", wanted, 303)
    back = browser.come_back(browser.through_provider(browser.ask("GET", asked.location, 302)))
    assert back.location == wanted


def test_a_program_cannot_let_another_in(
    browser: Browser, ana: Person, program: Callable[[str], Program]
) -> None:
    token = exchange(program(""), read_code(press(browser)))["token"]
    assert program(token).open("GET", f"{PAGE}?{urlencode(ASKED)}").status == 303, "pages take no token"
