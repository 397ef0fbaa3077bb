"""`/account/data`: one's own data as an archive, told of by email, fetched by oneself alone."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from portal.workflows.upkeep.sweep import sweep
from tests.actions import list_mails, list_records
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import sign_in

PATH = "/account/data"


def link_form(page: Page) -> str:
    (action,) = {each.attributes["action"] for each in page.document.all("form")
                 if each.attributes.get("action", "").endswith("/link")}  # fmt: skip
    return action


def test_it_is_asked_for_told_of_and_fetched(browser: Browser, portal: Running) -> None:
    me = sign_in(browser)
    browser.get("/account")
    page = browser.get(browser.get("/account").links["Collect or download it"])
    done = browser.follow(browser.submit(PATH))
    assert "Being collected" in done.text
    assert not done.document.all("form", action=PATH), "one at a time"
    for _ in range(2):
        portal.clock.turn(minutes=1)
        sweep(portal.portal.services, lambda: 60.0)
    (mail,) = list_mails(portal)
    assert mail.subject == "Your data is ready to download"
    page = browser.get(PATH)
    page = browser.submit(link_form(page), 200)
    query = parse_qs(urlsplit(page.links["Download within a minute"]).query)
    assert query["X-Amz-Expires"] == ["60"]
    assert query["response-content-disposition"][0].startswith('attachment; filename="my-data-')
    fetched = list_records(portal, "person.data_fetched")
    assert len(fetched) == 1
    assert me.id in str(fetched)


def test_it_is_nobody_elses(browser: Browser, portal: Running, new_browser: Callable[[], Browser]) -> None:
    sign_in(browser)
    browser.get(PATH)
    browser.submit(PATH)
    sweep(portal.portal.services, lambda: 60.0)
    action = link_form(browser.get(PATH))
    other = new_browser()
    sign_in(other, "Ben Okoro", "admins")
    secret = other.get(PATH).document.all("input", name="csrf_token")[0].attributes["value"]
    other.ask("POST", action, 404, data={"csrf_token": secret})
    portal.clock.turn(days=8)
    sign_in(browser)
    assert not [each for each in browser.get(PATH).document.all("form")
                if each.attributes.get("action", "").endswith("/link")]  # fmt: skip


def test_deleting_says_what_goes_and_what_stays(browser: Browser) -> None:
    sign_in(browser)
    page = browser.get("/account").text
    assert "collected data go as well" in page
    assert "What stays: the audit log's records" in page
