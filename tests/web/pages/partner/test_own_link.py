"""A sender who opens a link of their own: whose view it is, nothing to press, and a way back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from portal.domain.errors import Unavailable
from portal.domain.people.person import Person
from tests.actions import download_file, link_token, list_records, make_id, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import Calls, sign_in


def assert_only_looked_at(page: Page, share_id: str) -> None:
    """No button can be pressed but the language's, and the share is one press away."""
    live = [
        each
        for form in page.document.all("form")
        for each in form.all("button")
        if form.attributes.get("action", "").startswith("/d/") and "disabled" not in each.attributes
    ]
    assert not live
    assert [each.attributes["href"] for each in page.document.all("a", href=f"/shares/{share_id}")]
    assert "data-zip" not in page.answer.text
    assert "You sent this." in page.text


def outcomes(portal: Running) -> set[str]:
    return {each["outcome"]["S"] for each in list_records(portal, "recipient.downloaded")}


@pytest.mark.parametrize("names", [["a.pdf"], ["a.png", "b.txt"]], ids=["one", "several"])
@pytest.mark.parametrize(
    "rules", [{}, {"confirm": True}, {"password": "a long password"}, {"download_limit": 1}]
)
def test_nothing_can_be_pressed(
    browser: Browser, portal: Running, ana: Person, names: list[str], rules: dict[str, Any]
) -> None:
    """Whatever the share asks of its recipient; and nothing of this is told to the sender as an opening."""
    made = share_files(portal, ana, [upload_file(portal, ana, name) for name in names], **rules)
    page = browser.get(f"/d/{link_token(portal, made)}")
    assert_only_looked_at(page, made.about)
    assert "what partner@example.com sees" in page.text
    assert list_records(portal, "recipient.link_opened") == []


@pytest.mark.parametrize("ends", ["expired", "spent", "withdrawn"])
def test_a_link_that_is_over_offers_its_sender_nothing(
    browser: Browser, portal: Running, ana: Person, ends: str
) -> None:
    file = upload_file(portal, ana)
    made = share_files(portal, ana, [file], download_limit=1)
    token = link_token(portal, made)
    if ends == "spent":
        download_file(portal, token, file)
    elif ends == "withdrawn":
        browser.get(f"/shares/{made.about}")
        browser.submit(f"/shares/{made.about}/withdraw")
    else:
        portal.clock.turn(days=9)
        sign_in(browser)
    assert_only_looked_at(browser.get(f"/d/{token}", 410), made.about)


def test_no_call_that_fails_breaks_the_page_of_a_link_that_is_over(
    browser: Browser, portal: Running, ana: Person
) -> None:
    """Whichever it is: the page is there, or says that it did not work just now."""
    made = share_files(portal, ana, [upload_file(portal, ana)])
    browser.get(f"/shares/{made.about}")
    browser.submit(f"/shares/{made.about}/withdraw")
    path, made_calls = f"/d/{link_token(portal, made)}", Calls(portal)
    with made_calls:
        browser.get(path, 410)
    answers = Counter[int]()
    for last in range(len(made_calls.names)):
        with failing_from(portal, last):
            answers[browser.ask("GET", path).status] += 1
    assert set(answers) == {410, 503}


@contextmanager
def failing_from(portal: Running, first: int) -> Iterator[None]:
    """This call to DynamoDB fails, and each after it, as when a request's time is over."""
    events, made = Calls(portal).events, count()

    def fail(**_: Any) -> None:
        if next(made) >= first:
            raise Unavailable()

    events.register("before-call.dynamodb", fail, unique_id="failing")
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb", unique_id="failing")


@pytest.mark.parametrize("rules", [{}, {"confirm": True}, {"password": "a long password"}])
@pytest.mark.parametrize("action", ["download", "preview"])
def test_a_press_from_an_older_page_has_a_way_back(
    browser: Browser, portal: Running, ana: Person, action: str, rules: dict[str, Any]
) -> None:
    """Whatever the share asks of its recipient, and nothing of it counts as the recipient's."""
    file = upload_file(portal, ana, "a.txt")
    made = share_files(portal, ana, [file], download_limit=1, **rules)
    browser.get("/files")
    secret = browser.page.document.all("input", name="csrf_token")[0].attributes["value"]  # type: ignore[union-attr]
    fields = {"file_id": file.id, "attempt_id": make_id(portal), "csrf_token": secret}
    page = browser.ask("POST", f"/d/{link_token(portal, made)}/{action}", 403, data=fields)
    assert page.document.all("a", href=f"/shares/{made.about}")
    assert "This link is for its recipient alone." in page.text
    assert outcomes(portal) == {"refused"}


def test_a_script_of_an_older_page_is_refused_too(browser: Browser, portal: Running, ana: Person) -> None:
    """As "Download all" asks for each file of its ZIP."""
    file = upload_file(portal, ana)
    made = share_files(portal, ana, [file])
    browser.get("/files")
    secret = browser.page.document.all("input", name="csrf_token")[0].attributes["value"]  # type: ignore[union-attr]
    fields = {"file_id": file.id, "attempt_id": make_id(portal), "csrf_token": secret}
    headers = {"Accept": "application/json"}
    page = browser.ask("POST", f"/d/{link_token(portal, made)}/download", 403, data=fields, headers=headers)
    assert page.answer.json is not None
    assert page.answer.json["reason"] == "forbidden"
    assert outcomes(portal) == {"refused"}


def test_whoever_sends_to_themselves_may_press(browser: Browser, portal: Running, ana: Person) -> None:
    """A sender who is the recipient too has the recipient's page."""
    made = share_files(portal, ana, [upload_file(portal, ana)], recipients_text=ana.address, confirm=True)
    page = browser.get(f"/d/{link_token(portal, made)}")
    assert "You sent this." not in page.text
    (form,) = [each for each in page.document.all("form") if each.attributes["action"].endswith("/download")]
    fields = {each.attributes["name"]: each.attributes["value"] for each in form.all("input")}
    browser.ask("POST", form.attributes["action"], 303, data=fields)


def test_others_see_no_word_of_it(browser: Browser, portal: Running, ana: Person) -> None:
    made = share_files(portal, ana, [upload_file(portal, ana)])
    other = Browser(portal, browser.provider)
    sign_in(other, "Ben Ito")
    assert "You sent this." not in other.get(f"/d/{link_token(portal, made)}").text
