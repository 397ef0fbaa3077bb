"""`/admin/people`: everyone in the pool, and what administrators decide about each."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.domain.errors import SignInNeeded
from portal.domain.people.permissions import GIVEN_BY_ADMINS
from portal.domain.people.person import Person
from portal.web.forms.people import CHOICES
from tests.actions import link_token, list_records, share_files, upload_file
from tests.builders import Clock, Running
from tests.web.browser import Browser
from tests.web.pages.admin.pool import Pool, make_pool
from tests.web.provider import Account, Provider
from tests.web.signed_in import Calls


@pytest.fixture
def pool(aws: None, clock: Clock, provider: Provider) -> Pool:
    return make_pool(clock, provider)


@pytest.fixture
def portal(pool: Pool) -> Running:
    return pool.portal


@pytest.fixture
def ada(pool: Pool, browser: Browser) -> Person:
    """An administrator, signed in in `browser`."""
    return pool.sign_in(browser, pool.add("Ada Minh", "admins"))


@pytest.fixture
def account(pool: Pool, ada: Person) -> Account:
    return pool.add("Ana Lopes")


@pytest.fixture
def ana_browser(pool: Pool, account: Account, new_browser: Callable[[], Browser]) -> Browser:
    browser = new_browser()
    pool.sign_in(browser, account)
    return browser


def secret_of(browser: Browser) -> str:
    assert browser.page
    return browser.page.document.all("input", name="csrf_token")[0].attributes["value"]


def press(browser: Browser, account_id: str, what: str, status: int = 303, **values: object) -> str:
    browser.get(f"/admin/people/{account_id}")
    return browser.submit(f"/admin/people/{account_id}/{what}", status, **values).text


def test_everyone_is_listed_and_found(pool: Pool, browser: Browser, ada: Person, account: Account) -> None:
    """By the beginning of name or address, also before they first sign in; in few calls."""
    page = browser.get("/admin/people").text
    assert "Ada Minh" in page
    assert "ana@example.org" in page
    for text in ("Ana", "ana@ex"):
        assert "Ana Lopes" in browser.get("/admin/people", query_string={"q": text}).text
    assert "Nobody found" in browser.get("/admin/people?q=nobody").text
    assert "Ana Lopes" not in browser.get("/admin/people?sort=seen").text
    with Calls(pool.portal) as calls:
        browser.get(f"/admin/people/{account.subject}")
        browser.get("/admin/people")
    assert len(calls.names) <= 2 * 4


@pytest.mark.requirement("R10")
def test_whoever_is_disabled_is_out_at_once(
    pool: Pool, browser: Browser, account: Account, ana_browser: Browser
) -> None:
    """Sessions, transactions and new sign-ins; what was shared stays. Enabled again, they are back."""
    ana = pool.person(account)
    file = upload_file(pool.portal, ana)
    made = share_files(pool.portal, ana, [file])
    assert (
        "can no longer sign in"
        in browser.follow(
            browser.submit(f"/admin/people/{ana.id}/disable")
            if browser.get(f"/admin/people/{ana.id}")
            else None
        ).text
    )
    ana_browser.ask("GET", "/files", 303)
    assert pool.user(account)["Enabled"] is False
    with pytest.raises(SignInNeeded):  # a request that had read its session before
        share_files(pool.portal, ana, [file])
    assert "disabled" in ana_browser.sign_in(account).text
    browser.ask("GET", f"/d/{link_token(pool.portal, made)}", 200)
    assert "stays open" in browser.get(f"/admin/people/{ana.id}").text
    press(browser, ana.id, "enable")
    pool.portal.clock.turn(seconds=1)
    pool.sign_in(ana_browser, account)
    ana_browser.get("/files")
    share_files(pool.portal, ana, [file])
    assert len(list_records(pool.portal, "person.disabled")) == 1


def test_roles_are_given_and_taken(
    pool: Pool, browser: Browser, account: Account, ana_browser: Browser
) -> None:
    """As groups of the pool; from the next sign-in on, which the change makes necessary."""
    ana = pool.person(account)
    press(browser, ana.id, "roles", roles=["share", "audit_reader"])
    assert pool.groups_of(account) == {"portal-share", "portal-audit"}
    ana_browser.ask("GET", "/files", 303)
    pool.sign_in(ana_browser, account)
    ana_browser.get("/upload", 403)
    ana_browser.get("/admin/people", 403)
    (record,) = list_records(pool.portal, "person.roles_changed")
    assert record["details"]["M"]["before"]["S"] == "staff"
    assert record["details"]["M"]["after"]["S"] == "staff share audit_reader"
    press(browser, ana.id, "roles", roles=[])
    assert pool.groups_of(account) == set()


def test_a_role_that_the_form_does_not_offer_stays(pool: Pool, browser: Browser, ada: Person) -> None:
    """Without it, somebody who may do one thing alone would gain all the others; made-up roles are none."""
    assert {role for role, _ in CHOICES} == GIVEN_BY_ADMINS
    account = pool.add("Clara Diaz", "portal-request")
    clara = pool.sign_in(Browser(pool.portal, pool.provider), account)
    press(browser, clara.id, "roles", roles=["audit_reader"])
    assert pool.groups_of(account) == {"portal-request", "portal-audit"}
    press(browser, clara.id, "roles", roles=["audit_reader", "emperor"])
    assert pool.groups_of(account) == {"portal-request", "portal-audit"}


def test_the_last_administrator_stays(pool: Pool, browser: Browser, ada: Person) -> None:
    """Neither demoted nor closed, by themselves; disabled or deleted by nobody."""
    assert "last administrator" in press(browser, ada.id, "roles", 409, roles=[])
    browser.get("/account")
    answer = browser.submit("/account/delete", 409, confirmation=ada.address)
    assert "last administrator" in answer.text
    for what in ("disable", "delete"):
        values = {"csrf_token": browser.page.document.all("input", name="csrf_token")[0].attributes["value"]}
        browser.ask(
            "POST", f"/admin/people/{ada.id}/{what}", 409, data={**values, "confirmation": ada.address}
        )
    second = pool.add("Clara Diaz", "admins")
    assert "last administrator" in press(browser, ada.id, "roles", 409, roles=[])  # until she signs in
    pool.sign_in(Browser(pool.portal, pool.provider), second)
    press(browser, ada.id, "roles", roles=[])
    assert pool.groups_of(second) == {"admins"}


def test_an_account_is_deleted_with_what_is_in_it(
    pool: Pool, browser: Browser, account: Account, ana_browser: Browser
) -> None:
    ana = pool.person(account)
    upload_file(pool.portal, ana)
    assert "exactly as shown" in press(browser, ana.id, "delete", 400, confirmation="ada@example.org")
    press(browser, ana.id, "delete", confirmation=ana.address)
    ana_browser.ask("GET", "/files", 303)
    assert pool.portal.portal.services.people.get(ana.id) is None
    browser.get(f"/admin/people/{ana.id}", 404)
    _, record = list_records(pool.portal, "person.deleted")
    assert record["actor"]["M"]["name"]["S"] == "Ada Minh"


def test_a_quota_of_ones_own_counts(
    pool: Pool, browser: Browser, account: Account, ana_browser: Browser
) -> None:
    ana = pool.person(account)
    press(browser, ana.id, "quota", 400, gigabytes="-1", files="")
    press(browser, ana.id, "quota", gigabytes="0.000000015", files="2")
    upload_file(pool.portal, ana)  # 12 bytes
    headers = {
        "X-CSRFToken": ana_browser.get("/upload")
        .document.all("input", name="csrf_token")[0]
        .attributes["value"]
    }
    asked = {"files": [{"name": "b.pdf", "size": 12}]}
    answer = ana_browser.ask("POST", "/v1/uploads", 409, json=asked, headers=headers)
    assert "room for 3 bytes more" in answer.answer.text
    press(browser, ana.id, "quota", gigabytes="", files="")
    ana_browser.ask("POST", "/v1/uploads", 201, json=asked, headers=headers)


def test_passwords_and_invitations_go_through_the_pool(
    pool: Pool, browser: Browser, account: Account, ana_browser: Browser
) -> None:
    ana = pool.person(account)
    press(browser, ana.id, "reset-password")
    assert pool.user(account)["UserStatus"] == "RESET_REQUIRED"
    browser.get("/admin/people/invite")
    browser.submit("/admin/people/invite", address="ben@example.org", name="Ben")
    assert "Invited" in browser.get("/admin/people?q=ben@").text
    browser.get("/admin/people/invite")
    assert (
        "has an account already"
        in browser.submit("/admin/people/invite", 409, address="ben@example.org").text
    )
    press(browser, ana.id, "sign-out")
    ana_browser.ask("GET", "/files", 303)


def test_each_line_of_a_list_has_its_fate(pool: Pool, browser: Browser, account: Account) -> None:
    lines = ["E-Mail;Name", "ben@example.org;Ben", "BEN@example.org", "rubbish", "ana@example.org",
             "clara@example.org;=HYPERLINK(1)", "@nothing"]  # fmt: skip
    browser.get("/admin/people/invite")
    page = browser.submit("/admin/people/invite-list", 200, lines="\n".join(lines))
    rows = [each.text for each in page.document.all("tr", role="row")][1:]
    fates = ["Invited", "Twice in the list", "No address to read", "Had an account already",
             "Begins like a formula", "No address to read"]  # fmt: skip
    assert [fate for fate, row in zip(fates, rows, strict=True) if fate not in row] == []
    assert "1 of 6 lines are invited" in page.text
    assert len(list_records(pool.portal, "person.invited")) == 2  # and the one who had an account, refused


@pytest.mark.requirement("I9", "R62")
def test_a_list_of_any_length_is_taken_in_pieces(pool: Pool, browser: Browser, account: Account) -> None:
    """What is beyond so many lines is not looked at, and stands in the form again."""
    browser.get("/admin/people/invite")
    page = browser.submit("/admin/people/invite-list", 200, lines="a\n" * 50_000)
    assert "A list takes 500 lines at a time: 49500 further lines stand in the list below" in page.text
    assert len(page.document.all("tr", role="row")) == 501
    assert page.fields("/admin/people/invite-list")["lines"].split() == ["a"] * 49_500
    browser.get("/admin/people/invite")
    longer = browser.submit("/admin/people/invite-list", 413, lines="ana@example.org\n" * 100_000)
    assert "larger than this portal accepts" in longer.text
