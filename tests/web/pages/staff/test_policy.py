"""What the organisation allows, said on pages: before it is asked for, and where it is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from portal.domain.mail.email_message import MailRefused, OutgoingMail
from portal.domain.people.person import Person
from portal.engine.mail_services import Mailer
from portal.workflows.mail.mail_jobs import record_feedback
from tests.actions import list_mails, make_person, read_state, share_files, upload_file
from tests.builders import Clock, Running, make_running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.provider import Provider
from tests.web.sharing import NEW, press
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.requirement("R57")

BEN = make_person("Ben Okoro")
NO_CODE, WORKS = "No code would arrive either", "The link still works: send"


@pytest.fixture
def portal(aws: None, clock: Clock, provider: Provider) -> Running:
    return make_running(
        clock,
        PORTAL_OIDC_METADATA_URL=f"{provider.url}/.well-known/openid-configuration",
        PORTAL_ALLOWED_DOMAINS="partner.example,example.com",
        PORTAL_BLOCKED_DOMAINS="rival.example.com",
        PORTAL_MAX_MAILS_A_DAY="3",
    )


def fill_share_form(
    browser: Browser, portal: Running, ana: Person, step: str, status: int, recipients: str
) -> Page:
    """Fill in the form of a new share; the answer is then the open page."""
    file = upload_file(portal, ana)
    browser.get(f"{NEW}?file={file.id}")
    return press(browser, step, status, recipients=recipients, file=file.id, message="Hello")


def test_the_form_says_where_mail_may_go(browser: Browser, portal: Running, ana: Person) -> None:
    """Limits are shown before, not after; on both forms that take recipients."""
    made = share_files(portal, ana, [upload_file(portal, ana)])
    for path in (f"{NEW}?file={upload_file(portal, ana).id}", f"/shares/{made.about}/recipients"):
        text = browser.get(path).text
        assert "these domains only: partner.example, example.com." in text
        assert "domains are blocked: rival.example.com." in text


def test_a_domain_is_refused_on_the_review_already(browser: Browser, portal: Running, ana: Person) -> None:
    """The address and the reason, at the field; what was typed stays."""
    page = fill_share_form(browser, portal, ana, "review", 400, "a@partner.example, b@rival.example.com")
    error = page.document.one("div", id="recipients-error").text
    assert "b@rival.example.com" in error
    assert "blocked this domain" in error
    assert "a@partner.example" in page.document.one("textarea", name="recipients").typed
    other = fill_share_form(browser, portal, ana, "review", 400, "a@elsewhere.example")
    assert "partner.example, example.com only" in other.document.one("div", id="recipients-error").text


def test_too_many_mails_are_told_with_what_is_left(browser: Browser, portal: Running, ana: Person) -> None:
    """Nothing goes out, and nothing that was typed is lost."""
    share_files(portal, ana, [upload_file(portal, ana)], recipients_text="a@partner.example")
    page = fill_share_form(browser, portal, ana, "share", 429, "b@example.com\nc@example.com\nd@example.com")
    error = page.document.one("div", id="recipients-error").text
    assert "would send 3 emails. You" in error
    assert "2 are left today" in error
    assert "midnight UTC" in error
    assert "d@example.com" in page.document.one("textarea", name="recipients").typed
    assert len(list_mails(portal)) == 1


def test_adding_too_many_says_so_too(browser: Browser, portal: Running, ana: Person) -> None:
    three = "a@example.com, b@example.com, c@example.com"
    made = share_files(portal, ana, [upload_file(portal, ana)], recipients_text=three)
    browser.get(f"/shares/{made.about}/recipients")
    before = read_state(portal)
    page = browser.submit(f"/shares/{made.about}/recipients", 429, recipients="d@example.com")
    assert "0 are left today" in page.document.one("div", id="recipients-error").text
    assert read_state(portal) == before


def test_administrators_see_who_sends_most(browser: Browser, portal: Running) -> None:
    """By name and number, of this day, most first."""
    ana = make_person("Ana Lopes")
    share_files(portal, BEN, [upload_file(portal, BEN)], recipients_text="a@example.com, b@example.com")
    share_files(portal, ana, [upload_file(portal, ana)])
    sign_in(browser, "Ada Minh", "admins")
    rows = browser.get("/admin/emails").document.one("section", **{"aria-labelledby": "senders"}).all("tr")
    told = [[cell.text for cell in row.all("td")] for row in rows[1:]]
    assert told == [["Ben Okoro", "2"], ["Ana Lopes", "1"]]
    portal.clock.turn(days=1)
    sign_in(browser, "Ada Minh", "admins")
    assert "Most emails today" not in browser.get("/admin/emails").text


@dataclass
class HoldsOn:
    """A mail service that sends, and lets no address go, as one that does not know the call."""

    mailer: Mailer

    def send(self, letter: OutgoingMail) -> str:
        return self.mailer.send(letter)

    def release(self, address: str) -> None:
        raise MailRefused(reason="UnknownOperationException")


def hold_back(portal: Running, ana: Person, address: str = "a@example.com") -> str:
    """An address whose email came back for good; the path of that share's page."""
    made = share_files(portal, ana, [upload_file(portal, ana)], recipients_text=address)
    services = portal.portal.services
    found = services.shares.get_with_recipients(made.about)
    assert found is not None
    record_feedback(
        services, "bounce", found[1][0].mail.message_id, portal.clock(), "<b>550</b> user unknown"
    )
    return f"/shares/{made.about}"


@pytest.mark.requirement("R55")
def test_the_share_page_says_that_mail_is_held_back(browser: Browser, portal: Running, ana: Person) -> None:
    """In words of its own, with the link to pass on, and what to ask for."""
    hold_back(portal, ana)
    other = share_files(portal, ana, [upload_file(portal, ana)], recipients_text="a@example.com")
    page = browser.get(f"/shares/{other.about}")
    assert "Email suppressed" in page.text
    assert "Ask your administrator to release it, or send the link yourself." in page.text
    assert "Email bounced" not in page.text
    assert page.document.one("input", readonly="").attributes["value"].startswith("https://")


@pytest.mark.requirement("R24", "R55")
def test_an_address_that_is_not_let_go(provider: Provider, portal: Running) -> None:
    """The list says why, as text; where the mail service does not let go, the page says so."""
    ana = make_person("Ana Lopes")
    hold_back(portal, ana)
    services = portal.portal.services
    services = replace(services, mailer=HoldsOn(services.mailer))
    admin = Browser(replace(portal, portal=replace(portal.portal, services=services)), provider)
    sign_in(admin, "Ada Minh", "admins")
    section = admin.get("/admin/emails").document.one("section", **{"aria-labelledby": "held"})
    assert "a@example.com" in section.text
    assert "<b>550</b> user unknown" in section.text
    path = section.one("form").attributes["action"]
    refused = admin.submit(path, 409)
    assert "did not release this address" in refused.text
    assert portal.portal.services.suppression_list.get("a@example.com") is not None


@pytest.mark.requirement("R55")
def test_the_review_warns_and_stops_nothing(browser: Browser, portal: Running, ana: Person) -> None:
    """New domains once, addresses held back, and too many emails; the link works all the same."""
    hold_back(portal, ana)
    people = "a@example.com, b@new.example.com, c@partner.example"
    review = fill_share_form(browser, portal, ana, "review", 200, people)
    for said in ("not shared with new.example.com, partner.example before",
                 "We do not send emails to a@example.com",
                 "would be 3 emails, and you can send 2 more today"):  # fmt: skip
        assert said in review.text
    calm = fill_share_form(browser, portal, ana, "review", 200, "d@example.com")
    assert not calm.document.all("div", **{"class": "notice notice-attention"})
    share_files(portal, ana, [upload_file(portal, ana)], recipients_text="b@new.example.com, a@example.com")
    again = fill_share_form(browser, portal, ana, "review", 200, "e@new.example.com")
    assert "not shared with" not in again.text


@pytest.mark.requirement("R55")
def test_the_review_says_whether_a_link_to_a_held_address_works(
    browser: Browser, portal: Running, ana: Person
) -> None:
    """Passed on by hand it opens, unless it asks for a code, which is an email as well."""
    hold_back(portal, ana)
    for confirm, said, unsaid in (("y", NO_CODE, WORKS), ("", WORKS, NO_CODE)):
        browser.get(f"{NEW}?file={upload_file(portal, ana).id}")
        review = press(browser, "review", recipients="a@example.com", confirm=confirm).text
        assert said in review
        assert unsaid not in review


def test_forgetting_whom_one_shared_with_forgets_domains(portal: Running) -> None:
    """And another person's are their own."""
    known, ana = portal.portal.services.known, make_person("Ana Lopes")
    for person in (ana, BEN):
        share_files(portal, person, [upload_file(portal, person)])
    assert known.get_domains(ana.id) == {"example.com"}
    known.forget(ana.id)
    assert (known.get_domains(ana.id), known.get_domains(BEN.id)) == (frozenset(), {"example.com"})
