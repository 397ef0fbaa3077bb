"""Service accounts: made by administrators, used by programs alone, and managed as people are."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from portal.domain.people.access_tokens import PREFIX, TokenParts, parse_token
from portal.domain.people.person import Person
from portal.domain.people.service_accounts import MAX_ACCOUNTS
from tests.actions import list_records
from tests.builders import Clock, Running
from tests.web.browser import Browser
from tests.web.identity.test_kept_forms import fill_in, lose, sign_in_again
from tests.web.pages.admin.pool import Pool, make_pool
from tests.web.provider import Provider
from tests.web.signed_in import Calls
from tests.web.tokens import Program

pytestmark = pytest.mark.requirement("R10", "R12")
PATH = "/admin/people/services"
TINY = {"name": "a.txt", "size": 3}


@pytest.fixture
def pool(aws: None, clock: Clock, provider: Provider) -> Pool:
    return make_pool(clock, provider)


@pytest.fixture
def portal(pool: Pool) -> Running:
    return pool.portal


@pytest.fixture
def ada(pool: Pool, browser: Browser) -> Person:
    return pool.sign_in(browser, pool.add("Ada Minh", "admins"))


def make_account(browser: Browser, *roles: str, name: str = "Payroll") -> str:
    """The address of its page."""
    browser.get(PATH)
    answer = browser.submit(PATH, name=name, address="payroll@example.org", roles=list(roles))
    return answer.headers["Location"].removeprefix(browser.origin).removesuffix("/tokens")


def make_token(browser: Browser, account: str, *scopes: str) -> str:
    browser.get(f"{account}/tokens")
    page = browser.submit(f"{account}/tokens", 200, name="Backup", scopes=list(scopes), days=30)
    found = re.search(rf"{PREFIX}\w+", page.answer.text)
    assert found
    return found[0]


def test_its_programs_send_in_its_own_name(
    portal: Running, browser: Browser, ada: Person, program: Callable[[str], Program]
) -> None:
    """Where a pool is, which does not know it; what it has is nobody else's."""
    account = make_account(browser)
    caller = program(make_token(browser, account, "read", "upload", "share"))
    me = caller.get("/v1/me")
    assert (me["name"], me["address"]) == ("Payroll", "payroll@example.org")
    assert me["user_id"] == account.rpartition("/")[2]
    asked = {"file_data": "YQ==", "remote_file_name": "a.txt"}
    file = caller.ask("POST", "/v1/users/me/files", 201, json=asked)
    caller.ask("POST", "/v1/shares", 201, json={"file_ids": [file["file_id"]], "share_with": ["x@p.example"]})
    assert browser.get(f"/files/{file['file_id']}", 404)
    assert "Payroll" in browser.get(PATH).text
    assert "Payroll" in browser.get("/admin/people?sort=seen").text
    (made,) = list_records(portal, "person.service_account_made")
    assert made["actor"]["M"]["name"]["S"] == "Ada Minh"


def test_the_same_form_makes_one(browser: Browser, portal: Running, ada: Person) -> None:
    browser.get(PATH)
    typed = {"name": "Payroll", "address": "payroll@example.org"}
    first, second = (browser.submit(PATH, **typed).headers["Location"] for _ in range(2))
    assert first == second
    assert len(portal.portal.services.service_accounts.list_all()) == 1
    assert portal.portal.services.people.get_totals().people == 2


def test_its_roles_and_scopes_are_bounds(
    portal: Running, browser: Browser, ada: Person, program: Callable[[str], Program]
) -> None:
    account = make_account(browser, "upload")
    assert 'value="share"' not in browser.get(f"{account}/tokens").answer.text
    browser.submit(f"{account}/tokens", 400, name="x", scopes=["share"], days=30)
    text = make_token(browser, account, "upload")
    caller = program(text)
    caller.ask("POST", "/v1/uploads", 201, json=TINY)
    assert caller.ask("GET", "/v1/usage", 403)["reason"] == "insufficient_scope"
    browser.get(account)
    browser.submit(f"{account}/roles", roles=["read_only"])
    assert program(text).open("GET", "/v1/usage").status == 401, "a change of roles ends its tokens"
    caller = program(make_token(browser, account, "read"))
    assert caller.get("/v1/me")["may"] == []


def read_token(text: str) -> TokenParts:
    parts = parse_token(text)
    assert parts
    return parts


@pytest.mark.parametrize("role", ["admin", "staff", "request"])
def test_it_never_administers(portal: Running, browser: Browser, ada: Person, role: str) -> None:
    """Neither made so nor made so later; what is not offered is no choice."""
    account = make_account(browser, role)
    browser.get(account)
    browser.submit(f"{account}/roles", 400 if role == "admin" else 303, roles=[role])
    (made,) = portal.portal.services.service_accounts.list_all()
    assert made.person.roles == {"staff"}
    assert portal.portal.services.people_administration.list_administrators() == {ada.id}


@pytest.mark.parametrize("press", ["disable", "sign-out", "delete"])
def test_its_tokens_end_with_it(
    portal: Running, browser: Browser, ada: Person, program: Callable[[str], Program], press: str
) -> None:
    account = make_account(browser)
    caller = program(make_token(browser, account, "read", "upload"))
    caller.get("/v1/me")
    portal.clock.turn(seconds=1)
    browser.get(account)
    typed = {"confirmation": "payroll@example.org"} if press == "delete" else {}
    browser.submit(f"{account}/{press}", **typed)
    caller.get("/v1/me", 401)
    if press == "delete":
        assert portal.portal.services.service_accounts.list_all() == []
        assert portal.portal.services.people.get_totals().people == 1
        browser.get(f"{account}/tokens", 404)


def test_a_token_is_revoked_alone(
    portal: Running, browser: Browser, ada: Person, program: Callable[[str], Program]
) -> None:
    account = make_account(browser)
    kept, lost = (make_token(browser, account, "read") for _ in range(2))
    page = browser.get(f"{account}/tokens")
    forms = [each.attributes["action"] for each in page.document.all("form")]
    action = next(each for each in forms if each.endswith(f"/{read_token(lost).token_id}/revoke"))
    browser.submit(action)
    assert [program(each).open("GET", "/v1/me").status for each in (kept, lost)] == [200, 401]
    browser.submit(action, 404)


def test_tokens_of_people_are_not_made_here(
    pool: Pool, browser: Browser, ada: Person, new_browser: Callable[[], Browser]
) -> None:
    """An administrator can be nobody else: only accounts that are nobody's have tokens here."""
    ana = pool.sign_in(new_browser(), pool.add("Ana Lopes"))
    for who in (ana.id, ada.id, "0" * 26, "x"):
        browser.get(f"/admin/people/{who}/tokens", 404)
        secret = {
            "csrf_token": browser.get(PATH).document.all("input", name="csrf_token")[0].attributes["value"]
        }
        browser.ask(
            "POST", f"/admin/people/{who}/tokens", 404, data={**secret, "name": "x", "scopes": "read"}
        )


WRONG: dict[str, dict[str, str]] = {
    "no name": {"name": " "},
    "no address": {"address": ""},
    "no form of one": {"address": "payroll"},
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_at_its_field(browser: Browser, ada: Person, what: str) -> None:
    browser.get(PATH)
    typed = {"name": "Payroll", "address": "payroll@example.org", **WRONG[what]}
    page = browser.submit(PATH, 400, **typed)
    (field,) = WRONG[what]
    assert page.document.one(id=field).attributes["aria-invalid"] == "true"


def test_there_is_a_bound(portal: Running, browser: Browser, ada: Person) -> None:
    for number in range(MAX_ACCOUNTS):
        make_account(browser, name=f"System {number:03}")
    browser.get(PATH)
    page = browser.submit(PATH, 409, name="One more", address="payroll@example.org")
    assert f"at most {MAX_ACCOUNTS} service accounts" in page.text
    with Calls(portal) as calls:
        page = browser.get(PATH)
    assert "System 099" in page.text
    assert calls.names.count("BatchGetItem") <= 2
    assert len(calls.names) <= 4


@pytest.mark.requirement("R14")
def test_what_was_typed_is_there_again_after_signing_in(
    pool: Pool, portal: Running, browser: Browser, ada: Person
) -> None:
    """A session that ended takes neither of the forms with it."""
    account = make_account(browser)
    for path, typed in ((PATH, {"name": "Ledger"}), (f"{account}/tokens", {"name": "Nightly fetch"})):
        sent = fill_in(browser, path, path, typed)
        page = sign_in_again(browser, lose(browser, portal, path, sent))
        assert page.fields(path)["name"] == typed["name"]
        assert "Nothing was sent yet" in page.text
