"""Who may pass where: every route has its entry here, and every route is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.domain.people.person import Person
from portal.web.edge.audience import Audience, audience_of_path, find_audience
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.provider import make_account

pytestmark = pytest.mark.requirement("R11")

# What a visitor may ask for. The rest leads to signing in; what begins with /admin also wants that role.
OPEN = {
    "health.healthz": "machines ask it",
    "home.home": "the front page",
    "language.choose": "a choice of language, for visitors too",
    "look.stylesheet": "the style sheet",
    "program_sign_in.exchange": "a program's sealed code and its own secret",
    "security_contact.security_txt": "whom strangers tell of a hole",
    "sign_in.callback": "the way back from the provider",
    "sign_in.login": "the way to the provider",
    "sign_in.logout": "signing out twice is no error",
    "static": "scripts and pictures",
}
OPEN_PLACES = {
    "partner": "a recipient's link is its own proof",
    "confirm": "how that link's recipient shows that it is theirs",
    "unsubscribe": "the address in a mail is signed, and can only switch mails off",
}
# What a machine posts to without having seen a page, by the proof in its address (R14).
SIGNED_HOOKS = {"unsubscribe.switch_off": "a mail program's one click (RFC 8058)"}


def routes(portal: Running) -> list[tuple[str, str, str]]:
    """Endpoint, method and an address of every route."""
    found = []
    for rule in portal.app.url_map.iter_rules():
        adapter = portal.app.url_map.bind("files.example.org")
        values = {name: 1 if name in {"page", "number"} else "0" * 26 for name in rule.arguments}
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            found.append((rule.endpoint, method, adapter.build(rule.endpoint, values, method=method)))
    return found


def is_open(endpoint: str) -> bool:
    return endpoint in OPEN or endpoint.partition(".")[0] in OPEN_PLACES


def test_every_closed_route_sends_visitors_to_sign_in(browser: Browser, portal: Running) -> None:
    """A route added without an entry in OPEN is closed, by whatever method."""
    for endpoint, method, address in routes(portal):
        if is_open(endpoint):
            continue
        answer = browser.ask(method, address)
        if address.startswith("/v1/"):
            assert answer.status == 401, f"{method} {address}"
            assert answer.headers["Content-Type"] == "application/problem+json"
        else:
            assert answer.status == 303, f"{method} {address}: {answer.status}"
            assert answer.location.startswith("/login"), f"{method} {address}"


def test_every_open_route_is_meant_to_be(browser: Browser, portal: Running) -> None:
    """What answers a visitor is listed with its reason; a listed route that is gone is removed here."""
    known = {endpoint for endpoint, _, _ in routes(portal)}
    assert not OPEN.keys() - known
    for endpoint, method, address in routes(portal):
        if is_open(endpoint) and method == "GET":
            assert not browser.ask("GET", address).location.startswith("/login?"), endpoint


@pytest.mark.requirement("R12")
def test_admin_pages_are_for_admins(new_browser: Callable[[], Browser], portal: Running) -> None:
    """By the verified group, whatever else a request says."""
    staff, admin = new_browser(), new_browser()
    staff.sign_in(make_account("Ana Lopes", "staff", "Admins", role="admin"))
    admin.sign_in(make_account("Ida Admin", "admins"))
    for _, method, address in routes(portal):
        if address.startswith("/admin"):
            headers = {"X-Portal-User": "ida", "X-Groups": "admins", "Cookie2": "role=admin"}
            staff.ask(method, address, 403, headers=headers)
            if method == "GET":
                assert admin.ask(method, address).status != 403


@pytest.mark.requirement("R14", "R15")
def test_writing_needs_the_forms_secret(browser: Browser, portal: Running) -> None:
    """Every route that is not safe, for pages and programs, on https with our Referrer-Policy."""
    browser.sign_in(make_account("Ida Admin", "admins"))
    for endpoint, method, address in routes(portal):
        if method != "GET":
            answer = browser.ask(method, address)
            if endpoint in SIGNED_HOOKS:
                assert answer.status == 404, f"{endpoint} took an address that nobody signed"
                continue
            assert answer.status == 400, f"{endpoint} {method}: {answer.status}"


@pytest.mark.requirement("R15", "T1")
@pytest.mark.parametrize("referer", ["", "https://evil.example/", "http://files.example.org/"])
def test_a_form_from_elsewhere_is_refused(browser: Browser, referer: str) -> None:
    browser.sign_in()
    fields = browser.get("/probe").fields("/probe")
    browser.ask("POST", "/probe", 400, data=fields, headers={"Referer": referer})
    browser.submit("/probe", said="hello")


@pytest.mark.requirement("R14")
def test_somebody_elses_secret_is_refused(new_browser: Callable[[], Browser]) -> None:
    mine, other = new_browser(), new_browser()
    mine.sign_in(make_account("Ana Lopes"))
    other.sign_in(make_account("Ben Okoro"))
    mine.get("/probe")
    foreign = other.get("/probe").fields("/probe")["csrf_token"]
    mine.submit("/probe", 400, csrf_token=foreign, said="hello")
    other.ask("POST", "/v1/probe", 200, json={}, headers={"X-CSRFToken": foreign})


@pytest.mark.requirement("R14")
def test_a_page_that_was_open_for_hours_can_still_be_sent(browser: Browser, portal: Running) -> None:
    """The secret lives as long as the session, which activity keeps alive."""
    browser.sign_in()
    page = browser.get("/probe")
    for _ in range(8):
        portal.clock.turn(minutes=25)
        browser.ask("GET", "/probe", 200)
    browser.page = page
    browser.submit("/probe", said="hello")


@pytest.mark.requirement("R24")
def test_what_was_said_is_shown_once(browser: Browser) -> None:
    """Notices wait for the next page in a signed cookie, escaped and bounded."""
    browser.sign_in()
    browser.get("/probe")
    page = browser.follow(browser.submit("/probe", said="<b>kept</b>"))
    assert "<b>kept</b>" in page.document.one(id="messages").text
    assert "kept" not in browser.get("/probe").text
    browser.submit("/probe", said="a" * 5000)
    assert len(browser.cookie("visitor") or "") < 2000


def test_a_group_can_be_needed_to_be_staff(browser: Browser, portal: Running) -> None:
    """Without a role nobody gets in, and the page says whom to ask."""
    portal.app.extensions["portal"] = portal.app.extensions["portal"]._replace(
        config=replace(portal.config, staff_group="staff")
    )
    assert browser.sign_in(make_account("Ana Lopes")).status == 403
    assert browser.sign_in(make_account("Ana Lopes", "staff")).status == 303


def test_every_route_says_whom_it_is_for(portal: Running) -> None:
    """And its path says the same, by which an address without a route is told."""
    with portal.app.app_context():
        for endpoint, _, address in routes(portal):
            audience = find_audience(endpoint)
            assert audience is not None, endpoint
            assert audience.is_open == (is_open(endpoint) and endpoint != "sign_in.logout"), endpoint
            told = audience_of_path(address)
            for shown in (Audience.PROGRAM, Audience.ADMIN, Audience.PARTNER):
                is_worker = endpoint == "partner.worker"  # the same for everyone, beside the links it serves
                assert (audience is shown) == (told is shown) or is_worker, endpoint


def test_a_route_that_says_nothing_is_refused(portal: Running, browser: Browser, ana: Person) -> None:
    """To those who are signed in, too."""
    portal.app._got_first_request = False  # Flask takes no route once it has answered
    portal.app.add_url_rule("/forgotten", "forgotten", lambda: "for whom?")
    assert browser.ask("GET", "/forgotten").status == 403
