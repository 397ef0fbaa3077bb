"""A form outlives the session that ended while it was filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.web.identity.form_pages import FORM_PAGES
from portal.web.identity.kept_forms import MAX_BYTES
from portal.workflows.contacts.recipient_groups import MAKE_GROUP, SaveGroup
from portal.workflows.webhooks.managing import MAKE_WEBHOOK, SaveWebhook
from tests.actions import list_rows, make_id, make_request, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.provider import make_account
from tests.web.signed_in import sign_in
from tests.workflows.contacts.groups import save_organisation_group

pytestmark = [pytest.mark.requirement("R80"), pytest.mark.requirement("R14")]

PEOPLE = "carol@partner.example, dave@partner.example"
ONE = "/shares/{share}/recipients/{recipient}"
# By the endpoint that the form posts to: its page, where it goes, and what is typed.
FORMS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "new_share.go_on": (
        "/shares/new?file={file}", "/shares/new",
        {"recipients": PEOPLE, "message": "Line one\nLine <two>", "last_day": "date", "notify": "never",
         "expires_on": "2031-01-02", "download_limit": "x3", "step": "review"},
    ),
    "send.plain": (
        "/send?file={file}", "/send",
        {"recipients": PEOPLE, "message": "Line one\nLine <two>", "last_day": "date", "notify": "never",
         "expires_on": "2031-01-02", "download_limit": "x3"},
    ),
    "share_changes.change": ("/shares/{share}/edit", "/shares/{share}/edit", {"message": "New & kept"}),
    "share_changes.correct": (f"{ONE}/address", f"{ONE}/address", {"recipients": "eve@partner.example"}),
    "share_changes.add": ("/shares/{share}/recipients", "/shares/{share}/recipients", {"recipients": PEOPLE}),
    "groups.make": ("/groups/new", "/groups/new", {"name": "Auditors “x”", "recipients": PEOPLE}),
    "organisation_groups.change": (
        "/groups/organisation/{shared}", "/groups/organisation/{shared}", {"name": "B", "recipients": PEOPLE},
    ),
    "groups.change": ("/groups/{group}", "/groups/{group}", {"name": "New", "recipients": PEOPLE}),
    "files.rename": ("/files/{file}", "/files/{file}/rename", {"name": "Renamed.txt"}),
    "files.keep": ("/files/{file}", "/files/{file}/keep", {"days": "365"}),
    "upload.name": ("/upload?plain=1", "/upload", {"name": "report.pdf"}),
    "account.delete": ("/account", "/account/delete", {"confirmation": "ana@example"}),
    "account.mails": ("/account", "/account/mails", {"mails": "bounced"}),
    "webhooks.make": (
        "/account/webhooks", "/account/webhooks",
        {"name": "Orders", "url": "https://hooks.example.org/x", "events": "file.uploaded"},
    ),
    "webhooks.change": (
        "/account/webhooks/{webhook}", "/account/webhooks/{webhook}",
        {"name": "Invoices", "url": "https://hooks.example.org/y", "events": "file.uploaded"},
    ),
    "access_tokens.make": (
        "/account/tokens", "/account/tokens", {"name": "Nightly", "scopes": "share", "days": "30"},
    ),
}  # fmt: skip
# The bar over a list of files has several buttons, each with an action of its own.
BARS = {"files.share": "/files", "files.trash": "/files", "files.restore": "/files?trash=1",
        "files.purge": "/files?trash=1"}  # fmt: skip
# Nothing is typed or ticked in these: pressed again they say the same.
BUTTONS = {
    "language.choose", "sign_in.logout", "new_share.throw_away", "files.copy", "files.download",
    "files.preview", "upload.cancel", "upload.finish", "send.stop", "shares.withdraw",
    "shares.withdraw_recipient", "shares.give_more", "shares.decline_more", "share_changes.send_again",
    "groups.delete", "organisation_groups.delete",
    "account.forget", "account.forget_all", "account.sign_out_everywhere", "admin.release",
    "emails.resend_own", "emails.resend_all", "probe.send",
    "admin_emails.release", "admin_files.restore", "admin_files.trash", "admin_policies.restore",
    "admin_people.disable", "admin_people.enable", "admin_people.sign_out", "admin_people.invite_again",
    "admin_people.reset_password", "admin_people.reset_second_factor", "account.end_session",
    "second_factor.begin", "account_data.create", "account_data.link",
    "quarantine.decline", "quarantine.scan", "share_changes.give_back", "audit_exports.create",
    "audit_exports.link", "access_tokens.revoke", "service_accounts.revoke_token",
    "webhooks.delete", "webhooks.rotate", "webhooks.send_again", "webhooks.switch", "webhooks.test",
    "admin_webhooks.delete", "admin_webhooks.rotate", "admin_webhooks.send_again", "admin_webhooks.switch",
    "admin_webhooks.test", "program_sign_in.exchange",
    "admin_reports.cancel", "admin_reports.link",
}  # fmt: skip

# What administrators decide about something as it is by now: whoever comes back looks at it again.
ASKED_AGAIN = {
    "admin_files.keep", "admin_handovers.start", "quarantine.ask", "quarantine.confirm", "quarantine.delete",
    "admin_people.change_roles", "admin_people.set_quota", "admin_people.delete",
    "admin_holds.set_hold", "admin_holds.release", "admin_groups.take_out",
    "second_factor.add",  # a code counts for half a minute
    "program_sign_in.allow",  # the program has stopped waiting
}  # fmt: skip
# On pages for administrators.
ADMIN_FORMS = {
    "admin_policies.change", "admin_invitations.invite", "admin_invitations.invite_many",
    "admin_groups.make", "service_accounts.make", "service_accounts.make_token",
    "admin_webhooks.make", "admin_webhooks.change", "admin_reports.start", "admin_reports.query",
}  # fmt: skip


@pytest.fixture
def me(browser: Browser) -> Person:
    return sign_in(browser)


@pytest.fixture
def named(portal: Running, me: Person) -> Callable[[str], str]:
    """A path with the ids of a file, a share and a group of mine."""
    file, other = upload_file(portal, me), upload_file(portal, me)
    made = share_files(portal, me, [other])
    saved = SaveGroup(make_request(me, portal), name="Old", recipients_text="eve@partner.example")
    group = run(MAKE_GROUP, saved, portal.portal.services)
    shared = save_organisation_group(portal, keepers_text=me.address)
    hooked = SaveWebhook(
        make_request(me, portal), webhook_id=make_id(portal), name="Old", url="https://hooks.example.org",
        events=["file.uploaded"],
    )  # fmt: skip
    webhook = run(MAKE_WEBHOOK, hooked, portal.portal.services).required_after
    ids = {
        "file": file.id, "share": made.about, "recipient": made.recipients[0].id,
        "group": group.about, "shared": shared.id, "webhook": webhook.id,
    }  # fmt: skip
    return lambda path: path.format(**ids)


def test_every_form_is_kept_or_has_nothing_to_keep(portal: Running) -> None:
    """A new route for forms is put here or there."""
    rules = portal.app.url_map.iter_rules()
    posts = {
        rule.endpoint for rule in rules
        if "POST" in (rule.methods or set()) and not rule.rule.startswith(("/v1/", "/d/", "/mails/"))
    }  # fmt: skip
    kept = set(FORMS) | set(BARS) | ADMIN_FORMS
    assert posts - BUTTONS - ASKED_AGAIN == set(FORM_PAGES) == kept


def lose(browser: Browser, portal: Running, action: str, values: dict[str, Any]) -> Page:
    """Send the form after the session has ended; the answer leads to signing in."""
    portal.clock.turn(minutes=31)
    answer = browser.ask("POST", action, 303, data=values)
    assert answer.location.startswith("/login?next="), answer.location
    return answer


def sign_in_again(browser: Browser, lost: Page) -> Page:
    back = browser.come_back(browser.through_provider(browser.ask("GET", lost.location, 302)))
    return browser.follow(back)


def fill_in(browser: Browser, path: str, action: str, typed: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = browser.get(path).fields(action)
    return fields | typed


@pytest.mark.parametrize("endpoint", FORMS)
def test_one_is_back_on_the_form_with_everything_typed(
    browser: Browser, portal: Running, named: Callable[[str], str], endpoint: str
) -> None:
    path, action, typed = FORMS[endpoint]
    path, action = named(path), named(action)
    sent = fill_in(browser, path, action, typed)
    page = sign_in_again(browser, lose(browser, portal, action, sent))
    found = page.fields(action)
    expected = {name: value for name, value in sent.items() if name not in ("csrf_token", "step")}
    assert {name: found.get(name) for name in expected} == expected
    assert found["csrf_token"] != sent["csrf_token"]
    assert "Nothing was sent yet" in page.text
    again = browser.get(page.path)
    assert again.fields(action) | {"csrf_token": ""} == found | {"csrf_token": ""}, "also when reloaded"
    browser.ask("POST", action, data=found | {"step": typed.get("step", "")})
    assert "Nothing was sent yet" not in browser.get(path).text, "and not once it was sent"


@pytest.mark.parametrize("endpoint", BARS)
def test_chosen_files_stay_chosen(
    browser: Browser, portal: Running, me: Person, named: Callable[[str], str], endpoint: str
) -> None:
    file_id = named("{file}")
    if "trash" in BARS[endpoint]:
        browser.get("/files")
        browser.ask("POST", "/files/trash", 303, data={"csrf_token": token(browser), "file": file_id})
    browser.get(BARS[endpoint])
    action = "/files/" + endpoint.partition(".")[2]
    page = sign_in_again(
        browser, lose(browser, portal, action, {"csrf_token": token(browser), "file": file_id})
    )
    assert page.path == BARS[endpoint]
    boxes = page.document.all("input", type="checkbox", name="file")
    assert [box.attributes["value"] for box in boxes if "checked" in box.attributes] == [file_id]


def token(browser: Browser) -> str:
    assert browser.page
    return browser.page.document.all("input", name="csrf_token")[0].attributes["value"]


@pytest.mark.parametrize("endpoint", FORMS)
def test_a_form_of_an_older_session_is_shown_again(
    browser: Browser, portal: Running, named: Callable[[str], str], endpoint: str
) -> None:
    """Signed in again in another tab: 400, and the same form with a secret that counts."""
    path, action, typed = FORMS[endpoint]
    path, action = named(path), named(action)
    sent = fill_in(browser, path, action, typed)
    browser.set_cookie("session", "")
    sign_in(browser)
    page = browser.ask("POST", action, 400, data=sent)
    found = page.fields(action)
    expected = {name: value for name, value in sent.items() if name not in ("csrf_token", "step")}
    assert {name: found.get(name) for name in expected} == expected
    assert "Nothing was sent yet" in page.text


@pytest.mark.parametrize("endpoint", ["new_share.go_on", "share_changes.change"])
def test_a_password_is_never_kept(
    browser: Browser, portal: Running, named: Callable[[str], str], endpoint: str
) -> None:
    path, action, typed = FORMS[endpoint]
    sent = fill_in(browser, named(path), named(action), typed | {"password": "correct horse battery"})
    page = sign_in_again(browser, lose(browser, portal, named(action), sent))
    assert page.fields(named(action))["password"] == ""
    assert "correct horse" not in page.answer.text


def test_a_step_brings_the_answers_of_the_earlier_ones(
    browser: Browser, portal: Running, named: Callable[[str], str]
) -> None:
    """Who gets in is asked on a page of its own; its form has the rest along, hidden."""
    first = fill_in(browser, named("/shares/new?file={file}&step=recipients"), "/shares/new",
                      {"recipients": PEOPLE, "step": "access"})  # fmt: skip
    browser.follow(browser.ask("POST", "/shares/new", 303, data=first))
    assert browser.page
    sent = browser.page.fields("/shares/new") | {"download_limit": "5", "step": "review"}
    page = sign_in_again(browser, lose(browser, portal, "/shares/new", sent))
    found = page.fields("/shares/new")
    assert (found["download_limit"], found["recipients"], found["file"]) == ("5", PEOPLE, named("{file}"))
    assert found["here"] == "access"


def lose_group_form(browser: Browser, portal: Running) -> Page:
    sent = fill_in(browser, "/groups/new", "/groups/new", {"name": "Secret circle", "recipients": PEOPLE})
    return lose(browser, portal, "/groups/new", sent)


def test_nobody_else_sees_it(
    browser: Browser, new_browser: Callable[[], Browser], portal: Running, me: Person
) -> None:
    """Neither another person in this browser, nor the same one in another, nor a copy of the table."""
    lost = lose_group_form(browser, portal)
    assert "Secret circle" not in str(list_rows(portal))
    other = new_browser()
    sign_in(other)
    assert "Secret circle" not in other.get("/groups/new").text
    browser.sign_in(make_account("Ben Okoro"))
    assert "Secret circle" not in browser.get("/groups/new").answer.text
    browser.set_cookie("session", "")
    portal_page = sign_in_again_as(browser, lost)
    assert portal_page.fields("/groups/new")["name"] == "Secret circle"


def sign_in_again_as(browser: Browser, lost: Page) -> Page:
    assert browser.provider
    browser.provider.account = make_account("Ana Lopes")
    return sign_in_again(browser, lost)


def test_it_is_kept_for_an_hour(browser: Browser, portal: Running, me: Person) -> None:
    lost = lose_group_form(browser, portal)
    cookie = browser.cookie("form")
    portal.clock.turn(minutes=61)
    sign_in_again(browser, lost)
    browser.set_cookie("form", str(cookie))
    assert browser.get("/groups/new").fields("/groups/new")["name"] == ""


def count_kept_rows(portal: Running) -> int:
    return sum(row["pk"]["S"].startswith("FORM#") for row in list_rows(portal))


@pytest.mark.requirement("R46")
def test_only_somebody_who_was_signed_in_has_something_kept(
    new_browser: Callable[[], Browser], portal: Running
) -> None:
    """And no more than fits, and not without end: visitors do not fill the table."""
    browser = new_browser()
    sign_in(browser)
    cookie = str(browser.cookie("session"))
    portal.clock.turn(minutes=31)
    visitor = new_browser()
    for session, typed in (("", "x"), ("x", "x"), (cookie, "x" * MAX_BYTES)):
        visitor.set_cookie("session", session)
        visitor.ask("POST", "/groups/new", 303, data={"name": typed})
        assert count_kept_rows(portal) == 0
    for _ in range(portal.portal.services.limits.rates.forms.each + 3):
        visitor.set_cookie("form", "")
        visitor.ask("POST", "/groups/new", 303, data={"name": "x"})
    assert count_kept_rows(portal) == portal.portal.services.limits.rates.forms.each
