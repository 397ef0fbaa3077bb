"""`/account/webhooks`, and `/admin/webhooks`, which is the same for the organisation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from portal.domain.people.person import Person
from portal.domain.webhooks.deliveries import Answer
from portal.domain.webhooks.webhook import MAX_WEBHOOKS, Webhook
from tests.actions import make_id
from tests.builders import Running
from tests.receiver import DOWN, OK, Receiver
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.provider import make_account
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.requirement("R11", "R12")
OWN, EVERYONES = "/account/webhooks", "/admin/webhooks"


@pytest.fixture
def receiver(portal: Running) -> Receiver:
    """Takes what the pages send."""
    made, known = Receiver(), portal.app.extensions["portal"]
    services = replace(known.services, webhook_poster=made)
    portal.app.extensions["portal"] = known._replace(services=services)
    return made


@pytest.fixture(params=[OWN, EVERYONES])
def place(request: pytest.FixtureRequest, browser: Browser) -> str:
    browser.sign_in(make_account("Ida Admin", "admins"))
    return str(request.param)


def make(browser: Browser, place: str = OWN, **values: Any) -> Page:
    browser.get(place)
    status = values.pop("status", 200)
    asked = {"name": "Orders", "url": "https://hooks.example.org/x", "events": ["file.uploaded"], **values}
    return browser.submit(place, status, **asked)


def read_secret(page: Page) -> str:
    return next(
        value for each in page.document.all("input")
        if (value := each.attributes.get("value", "")).startswith("whsec_")
    )  # fmt: skip


def find(portal: Running, place: str, person_id: str) -> Webhook:
    owner = "organisation" if place == EVERYONES else person_id
    return portal.portal.services.webhooks.list_of(owner)[0]


@pytest.fixture
def person_id(portal: Running, browser: Browser, place: str) -> str:
    people = portal.portal.services.everyone.find_people("Ida", 2)
    return people[0].id


def test_a_webhook_is_made_tried_changed_and_deleted(
    portal: Running, browser: Browser, receiver: Receiver, place: str, person_id: str
) -> None:
    secret = read_secret(make(browser, place))
    webhook = find(portal, place, person_id)
    own = f"{place}/{webhook.id}"
    page = browser.get(own)
    assert secret not in page.answer.text
    outcome = browser.follow(browser.submit(f"{own}/test"))
    assert "It arrived." in outcome.text
    assert (receiver.kinds, len(receiver.secrets[0])) == (["webhook.test"], 1)
    assert "webhook.test" in outcome.text
    browser.get(own)
    browser.submit(own, name="Invoices", url="https://other.example.org/y", events=["share.created"])
    changed = find(portal, place, person_id)
    assert (changed.name, changed.host, [*changed.events]) == (
        "Invoices", "other.example.org", ["share.created"],
    )  # fmt: skip
    browser.get(own)
    assert read_secret(browser.submit(f"{own}/secret", 200)) != secret
    browser.get(own)
    browser.submit(f"{own}/switch")
    assert not find(portal, place, person_id).is_on
    browser.get(own)
    browser.submit(f"{own}/switch")
    assert find(portal, place, person_id).is_on
    browser.get(own)
    browser.follow(browser.submit(f"{own}/delete"))
    browser.get(own, 404)


@pytest.mark.requirement("I7")
def test_the_same_press_sends_one_test(
    portal: Running, browser: Browser, receiver: Receiver, ana: Person
) -> None:
    make(browser)
    own = f"{OWN}/{portal.portal.services.webhooks.list_of(ana.id)[0].id}"
    asked = browser.get(own).fields(f"{own}/test")
    first, second = (browser.ask("POST", f"{own}/test", 303, data=asked) for _ in range(2))
    assert first.location == second.location
    assert len(receiver.came) == 1


def test_what_did_not_arrive_is_shown_with_its_answer_and_sent_again(
    portal: Running, browser: Browser, receiver: Receiver, place: str, person_id: str
) -> None:
    receiver.answers = [Answer(500, "status", "<b>down</b> for now"), DOWN, OK]
    make(browser, place)
    own = f"{place}/{find(portal, place, person_id).id}"
    browser.get(own)
    outcome = browser.follow(browser.submit(f"{own}/test"))
    assert "It did not arrive." in outcome.text
    assert "<b>down</b> for now" in outcome.text
    assert "answer 500" in outcome.text
    again = outcome.path + "/again"
    browser.follow(browser.submit(again))
    outcome = browser.follow(browser.submit(again))
    assert "It arrived." in outcome.text
    assert len(set(receiver.came)) == 1
    assert "Arrived" in browser.get(own).text


@pytest.mark.requirement("I7")
def test_the_same_form_twice_is_one_webhook(portal: Running, browser: Browser, ana: Person) -> None:
    """Which shows its secret again: an answer may have been lost."""
    page = browser.get(OWN)
    asked = {**page.fields(OWN), "name": "A", "url": "https://hooks.example.org/", "events": "file.uploaded"}
    first, second = (browser.ask("POST", OWN, 200, data=asked) for _ in range(2))
    assert read_secret(first) == read_secret(second)
    assert len(portal.portal.services.webhooks.list_of(ana.id)) == 1
    assert browser.ask("POST", OWN, 409, data={**asked, "name": "B"}).document.all(role="alert")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 61), ("events", []), ("events", ["everything"]),
        ("events", ["webhook.test"]), ("url", ""), ("url", "hooks.example.org"), ("submission_id", "x"),
        ("url", "http://hooks.example.org/"), ("url", "https://"), ("url", "https://u:p@hooks.example.org/"),
        ("url", "https://hooks.example.org/#x"), ("url", "https://hooks.example.org:0/"),
        ("url", "https://hooks.example.org:99999/"), ("url", "https://hooks.example.org/a b"),
        ("url", "https://hooks.example.org/a\r\nX: y"), ("url", "https://h\u00f6oks.example.org/"),
        ("url", "https://hooks.example.org/" + "x" * 500), ("url", "file:///etc/passwd"),
        ("url", "https://[::1"), ("url", "http://127.0.0.1:8000/"),
    ],
)  # fmt: skip
def test_what_a_webhook_cannot_be_is_said(
    portal: Running, browser: Browser, ana: Person, field: str, value: Any
) -> None:
    assert make(browser, status=400, **{field: value}).document.all(role="alert")
    assert not portal.portal.services.webhooks.list_of(ana.id)


def test_there_are_so_many_at_most(portal: Running, browser: Browser, ana: Person) -> None:
    for _ in range(MAX_WEBHOOKS - 1):
        make(browser)
    page = browser.get(OWN)
    last = {**page.fields(OWN), "name": "A", "url": "https://hooks.example.org/", "events": "file.uploaded"}
    make(browser)
    browser.ask("POST", OWN, 409, data={**last, "submission_id": make_id(portal)})
    assert len(portal.portal.services.webhooks.list_of(ana.id)) == MAX_WEBHOOKS


def test_nobody_comes_to_anothers(
    portal: Running, browser: Browser, receiver: Receiver, ana: Person, new_browser: Any
) -> None:
    make(browser)
    webhook = portal.portal.services.webhooks.list_of(ana.id)[0]
    other = new_browser()
    other.sign_in(make_account("Eve Ade", "admins"))
    secret = other.get(OWN).fields(OWN)["csrf_token"]
    for place in (OWN, EVERYONES):
        other.get(f"{place}/{webhook.id}", 404)
        for what in ("", "/switch", "/secret", "/test", "/delete"):
            asked = {"csrf_token": secret, "submission_id": make_id(portal), "name": "x",
                     "url": "https://evil.example/", "events": "file.uploaded"}  # fmt: skip
            other.ask("POST", f"{place}/{webhook.id}{what}", 404, data=asked)
    assert receiver.came == []
    assert portal.portal.services.webhooks.list_of(ana.id) == [webhook]


def test_what_somebody_else_changed_meanwhile_is_kept(browser: Browser, portal: Running, ana: Person) -> None:
    make(browser)
    own = f"{OWN}/{portal.portal.services.webhooks.list_of(ana.id)[0].id}"
    asked = browser.get(own).fields(own) | {"events": "file.uploaded"}
    browser.ask("POST", own, 303, data={**asked, "name": "First"})
    browser.ask("POST", own, 409, data={**asked, "name": "Second"})
    assert portal.portal.services.webhooks.list_of(ana.id)[0].name == "First"


def test_a_form_that_names_anothers_webhook_makes_one_of_its_own(
    portal: Running, browser: Browser, receiver: Receiver, ana: Person, new_browser: Callable[[], Browser]
) -> None:
    """Its deliveries are nobody else's, whatever id a form brings."""
    make(browser)
    theirs = portal.portal.services.webhooks.list_of(ana.id)[0]
    own = f"{OWN}/{theirs.id}"
    browser.get(own)
    sent = browser.submit(f"{own}/test").location
    ben_browser = new_browser()
    ben = sign_in(ben_browser, "Ben Okoro")
    make(ben_browser, submission_id=theirs.id)
    mine = portal.portal.services.webhooks.list_of(ben.id)[0]
    assert mine.id != theirs.id
    ben_browser.get(own, 404)
    ben_browser.get(sent, 404)
    ben_browser.get(sent.replace(theirs.id, mine.id), 404)
    assert portal.portal.services.deliveries.list_page(mine.id, None, 5).items == ()
