"""What people see of emails that wait, were probably sent, or failed, and sending again what failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from portal.domain.errors import Unavailable
from portal.domain.mail.account_problems import MailTrouble
from portal.domain.mail.email_message import AccountRefused, MailRefused, MailUnanswered, OutgoingMail
from portal.workflows.upkeep.sweep import sweep
from tests.actions import list_mails, list_records, make_person, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.requirement("R75")

ANA = make_person("Ana Lopes")


def answering(portal: Running, failure: Exception) -> Running:
    """The portal while the mail service answers each email so."""

    def send(letter: OutgoingMail) -> str:
        raise failure

    mailer = type("Mailer", (), {"send": staticmethod(send)})()
    services = replace(portal.portal.services, mailer=mailer)
    return replace(portal, portal=replace(portal.portal, services=services))


def share_page(browser: Browser, portal: Running, failure: Exception) -> str:
    """A share of Ana's as she sees it after the mail service answered so, and an hour later again."""
    person = sign_in(browser, "Ana Lopes", "staff")
    broken = answering(portal, failure)
    made = share_files(broken, person, [upload_file(portal, person)])
    portal.clock.turn(minutes=20)
    sweep(broken.portal.services, lambda: 60.0)
    return browser.get(f"/shares/{made.about}").text


@pytest.mark.parametrize(("failure", "said"), [
    (AccountRefused(MailTrouble.PAUSED), "This one waits and is sent as soon as it does."),
    (MailUnanswered(), "Email probably sent"),
    (MailUnanswered(), "It has probably arrived. Ask this person, or send it again."),
    (MailRefused(reason="BadRequestException"), "The email did not reach this person."),
    (Unavailable(), "Email waiting"),
])  # fmt: skip
def test_a_share_says_what_became_of_its_emails(
    browser: Browser, portal: Running, failure: Exception, said: str
) -> None:
    assert said in share_page(browser, portal, failure)


@pytest.mark.parametrize("trouble", MailTrouble)
def test_administrators_see_what_to_do(browser: Browser, portal: Running, trouble: MailTrouble) -> None:
    """For each trouble, until it has not been met for a while."""
    share_files(answering(portal, AccountRefused(trouble)), ANA, [upload_file(portal, ANA)])
    sign_in(browser, "Ada Minh", "admins")
    calm = "The email service has refused nothing"
    page = browser.get("/admin/emails")
    notices = page.document.all("div", **{"class": "notice notice-danger"})
    assert len(notices) == 1
    assert len(notices[0].text) > 100
    assert calm not in page.text
    portal.clock.turn(minutes=29)
    assert calm not in browser.get("/admin/emails").text
    portal.clock.turn(minutes=2)
    assert calm in browser.get("/admin/emails").text


@pytest.mark.parametrize(("name", "group", "page"), [
    ("Ana Lopes", "staff", "/account"), ("Ada Minh", "admins", "/admin/emails"),
])  # fmt: skip
def test_everything_that_failed_is_sent_again_by_one_button(
    new_browser: Callable[[], Browser], portal: Running, name: str, group: str, page: str
) -> None:
    browser = new_browser()
    person = sign_in(browser, "Ana Lopes", "staff")
    refused = answering(portal, MailRefused(reason="BadRequestException"))
    share_files(
        refused, person, [upload_file(portal, person)], recipients_text="a@example.com, b@example.com"
    )
    browser = new_browser()
    sign_in(browser, name, group)
    for said in ("2 emails are sent again.", "There is no failed email"):
        browser.get(page)
        browser.submit(f"{page.removesuffix('/emails')}/emails/again")
        assert said in browser.get(page).text
    portal.clock.turn(minutes=1)
    sweep(portal.portal.services, lambda: 60.0)
    reached = {each.destinations["ToAddresses"][0] for each in list_mails(portal)}
    assert reached >= {"a@example.com", "b@example.com"}
    assert len(list_records(portal, "mail.again")) == 2
