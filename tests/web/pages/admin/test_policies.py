"""`/admin/policies`: set, tried, changed by two at once, and set back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.bootstrap import build
from portal.domain.people.person import Person
from portal.domain.policy.policies import resolve
from tests.actions import list_records, make_person, read_state, set_policy, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.page import Page
from tests.web.signed_in import Calls, sign_in

POLICIES, HISTORY = "/admin/policies", "/admin/policies/history"
CLARA = make_person("Clara Diaz")


@pytest.fixture
def ada(browser: Browser) -> Person:
    return sign_in(browser, "Ada Minh", "admins")


def save(browser: Browser, status: int = 303, group: str = "", **typed: str) -> Page:
    """Fill in the form of a scope; a field that is named becomes a default, unless its rule is named, too."""
    browser.get(POLICIES, query_string={"group": group} if group else {})
    return fill(browser, status, **typed)


def fill(browser: Browser, status: int = 303, **typed: str) -> Page:
    rules = {f"{name}_rule": "default" for name in typed if not name.endswith(("_rule", "step"))}
    return browser.submit(POLICIES, status, **(rules | typed))


def read_limit(portal: Running, groups: tuple[str, ...] = ()) -> int:
    services = portal.portal.services
    return resolve(services.environment_limits, services.policies.read(), groups).max_share_days


def read_now(page: Page, name: str) -> str:
    """What stands under a field of what counts now."""
    fields = page.document.all("div", **{"class": "field policy-field"})
    (mine,) = [each for each in fields if each.all("label", **{"for": name})]
    return mine.one("p", **{"class": "policy-now muted"}).text


def test_a_value_for_everyone_and_one_for_a_group(browser: Browser, portal: Running, ada: Person) -> None:
    """Each page says what counts and where it comes from; one audit record says what became of what."""
    assert "Now: 90 days (from the environment)" in read_now(browser.get(POLICIES), "max_share_days")
    page = browser.follow(save(browser, max_share_days="30"))
    assert "The policies are saved." in page.text
    assert read_now(page, "max_share_days") == "Now: 30 days (set for everyone)"
    page = browser.follow(save(browser, group="board", max_share_days="60", blocked_kinds=".EXE"))
    assert read_now(page, "max_share_days") == "Now: 60 days (set for this group)"
    assert read_now(page, "blocked_kinds") == "Now: exe (set for this group)"
    assert page.fields(POLICIES)["max_share_days_rule"] == "default"
    assert (read_limit(portal), read_limit(portal, ("board",))) == (30, 60)
    records = list_records(portal, "policy.changed")
    assert len(records) == 2
    details = {name: each["S"] for name, each in records[1]["details"]["M"].items()}
    assert details["before"] == '{"board":{"max_share_days":null,"blocked_kinds":null}}'
    assert '"blocked_kinds":{"value":["exe"],"locked":false}' in details["after"]
    page = browser.follow(save(browser, group="board", max_share_days_rule="", blocked_kinds_rule=""))
    assert "board" not in [each.text for each in page.document.one("ul", **{"class": "tabs"}).all("a")][1:-1]
    assert read_limit(portal, ("board",)) == 30


def test_a_group_counts_for_who_signs_in_with_it(new_browser: Callable[[], Browser], portal: Running) -> None:
    """From the next sign-in on, and for nobody else; someone in two groups gets the stricter value."""
    set_policy(portal, max_share_days="30")
    set_policy(portal, "board", max_share_days="60")
    set_policy(portal, "students", max_share_days="5")
    for name, groups, days in (
        ("Ana Lopes", ("board",), 60), ("Ben Okoro", (), 30), ("Clara Diaz", ("board", "students"), 5),
    ):  # fmt: skip
        browser = new_browser()
        person = sign_in(browser, name, *groups)
        page = browser.get(f"/shares/new?file={upload_file(portal, person).id}")
        assert f"At most {days} days from now." in page.text, name


@pytest.mark.requirement("R24")
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    browser: Browser, portal: Running, ada: Person
) -> None:
    before = read_state(portal)
    wrong = {
        "max_share_days": "0", "max_file_bytes": "much", "allowed_recipients": "<b>nobody</b>",
        "blocked_kinds": "tar.gz",
    }  # fmt: skip
    page = save(browser, 400, **wrong)
    for name in wrong:
        assert page.document.one("div", id=f"{name}-error")
    assert page.document.one("textarea", id="allowed_recipients").typed == "<b>nobody</b>"
    page = fill(browser, 400, max_share_days="30", max_share_days_rule="")
    assert "Choose Default or Locked" in page.document.one("div", id="max_share_days-error").text
    page = fill(browser, 400, default_share_days="40", max_share_days="30")
    assert (
        "longer than the longest of 30 days" in page.document.one("div", id="default_share_days-error").text
    )
    page = fill(browser, 400, allowed_recipients="a.example.com", blocked_recipients="example.com")
    assert "with anyone" in page.document.one("div", id="allowed_recipients-error").text
    assert read_state(portal) == before


def test_no_policy_keeps_administrators_from_setting_it_back(
    browser: Browser, portal: Running, ada: Person
) -> None:
    """Not even the strictest, for everyone and locked."""
    strictest = {
        "max_share_days": "1", "default_share_days": "1", "max_file_days": "1", "file_days": "1",
        "max_download_limit": "1", "default_download_limit": "1", "download_limit_required": "yes",
        "confirm_by_code": "yes", "password_required": "yes", "previews": "no",
        "allowed_recipients": "only@example.com", "max_mails_a_day": "1", "max_file_bytes": "1 bytes",
        "allowed_kinds": "pdf", "scan_required": "yes", "max_person_bytes": "1 bytes",
        "max_person_files": "1",
    }  # fmt: skip
    save(browser, **strictest, **{f"{name}_rule": "locked" for name in strictest})
    browser.follow(save(browser, **{f"{name}_rule": "" for name in strictest}))
    assert portal.portal.services.policies.read().is_empty


@pytest.mark.requirement("R63")
def test_of_two_administrators_the_second_sees_both(
    browser: Browser, new_browser: Callable[[], Browser], portal: Running, ada: Person
) -> None:
    """Side by side, with what was typed still there; saving again is one's own will."""
    other = new_browser()
    sign_in(other, "Ida Admin", "admins")
    browser.get(POLICIES)
    save(other, max_share_days="30", trash_days="3")
    page = fill(browser, 409, max_share_days="60")
    both = page.document.one("section", **{"aria-labelledby": "both"})
    rows = [[cell.text for cell in row.all("td")] for row in both.all("tr")[1:]]
    assert rows == [
        ["Longest share life", "60 days", "30 days"],
        ["Days in the trash", "not changed", "3 days"],
    ]
    assert "Ida Admin saved version 1" in both.text
    assert page.document.one("input", id="max_share_days").attributes["value"] == "60"
    assert read_limit(portal) == 30
    browser.page = page
    fill(browser)
    assert read_limit(portal) == 60
    assert portal.portal.services.policies.read().for_all["trash_days"].value == 3
    browser.get(POLICIES)
    assert "Nothing was changed." in browser.follow(fill(browser)).text


def go_back(browser: Browser, page: Page, wanted: str, status: int = 303) -> Page:
    """Press the button of a version on this page of the history."""
    restore = f"{HISTORY}/restore"
    buttons = page.document.all("form", action=restore)
    seen = {each.attributes["name"]: each.attributes["value"] for each in buttons[-1].all("input")}
    return browser.ask("POST", restore, status, data=seen | {"wanted": wanted})


def test_the_history_leads_back_to_any_version(browser: Browser, portal: Running, ada: Person) -> None:
    """Who, when and what; going back is a version of its own, and 0 is that nothing is set."""
    assert "No policy was ever set" in browser.get(HISTORY).text
    save(browser, max_share_days="30")
    save(browser, group="board", max_share_days="60", max_share_days_rule="locked")
    page = browser.get(HISTORY)
    assert "Longest share life from not set to 30 days" in page.text
    assert "board: Longest share life from not set to 60 days, locked" in page.text
    assert "The policies are those of version 1 again." in browser.follow(go_back(browser, page, "1")).text
    assert (read_limit(portal), read_limit(portal, ("board",))) == (30, 30)
    assert "(back to version 1)" in browser.get(HISTORY).text
    assert "Someone else changed the policies" in browser.follow(go_back(browser, page, "0")).text
    go_back(browser, browser.get(HISTORY), "0")
    assert portal.portal.services.policies.read().is_empty
    for wrong in ("99", "", "1.0", "9" * 9):
        go_back(browser, page, wrong, 404)
    assert len(list_records(portal, "policy.restored")) == 4  # two of them refused


def test_a_policy_is_tried_before_it_is_saved(
    browser: Browser, new_browser: Callable[[], Browser], portal: Running
) -> None:
    """On what was shared in the last 30 days, for each owner by their groups; nothing is saved."""
    old = share_files(portal, CLARA, [upload_file(portal, CLARA, "old.pdf")])
    portal.clock.turn(days=31)
    ana = sign_in(new_browser(), "Ana Lopes", "board")
    fine = share_files(portal, ana, [upload_file(portal, ana, "fine.pdf")])
    made = share_files(portal, CLARA, [upload_file(portal, CLARA, "plan.exe")], download_limit=5)
    sign_in(browser, "Ada Minh", "admins")
    set_policy(portal, "board", max_download_limit="100", blocked_kinds="com")
    before = read_state(portal)
    with Calls(portal) as calls:
        page = save(browser, 200, max_download_limit="3", blocked_kinds="exe", step="try")
    assert len(calls.names) <= 13, calls.names
    trial = page.document.one("section", **{"aria-labelledby": "trial"})
    assert "This would have refused 1 share." in trial.text
    assert "Looked at 2 shares" in trial.text
    assert [each.attributes["href"] for each in trial.one("tbody").all("a")] == [f"/shares/{made.about}"]
    assert "from 1 to 3" in trial.text
    assert "plan.exe is not accepted" in trial.text
    assert not {old.about, fine.about} & set(trial.text.split())
    assert page.document.one("input", id="max_download_limit").attributes["value"] == "3"
    assert read_state(portal) == before


@pytest.mark.requirement("R80")
def test_a_form_outlives_the_session(browser: Browser, portal: Running, ada: Person) -> None:
    """With the group that it was for, and what was typed."""
    sent = browser.get(f"{POLICIES}?group=board").fields(POLICIES)
    sent |= {"max_share_days": "33", "max_share_days_rule": "locked"}
    portal.clock.turn(minutes=31)
    lost = browser.ask("POST", POLICIES, 303, data=sent)
    page = browser.follow(browser.come_back(browser.through_provider(browser.ask("GET", lost.location, 302))))
    found = page.fields(POLICIES)
    names = ("group", "max_share_days", "max_share_days_rule")
    assert [found[name] for name in names] == ["board", "33", "locked"]
    assert read_limit(portal, ("board",)) == 90


def test_a_page_makes_few_calls(browser: Browser, portal: Running, ada: Person) -> None:
    save(browser, max_share_days="30")
    for path in (POLICIES, f"{POLICIES}?group=board", HISTORY):
        with Calls(portal) as calls:
            browser.get(path)
        assert len(calls.names) <= 4, (path, calls.names)


def test_other_processes_follow_within_a_minute(portal: Running, ada: Person, browser: Browser) -> None:
    """Until then they may go by what they know; none makes a call for it."""
    other = build(portal.config, portal.clock).services.policies
    assert other.get_current().is_empty
    set_policy(portal, max_share_days="30")
    portal.clock.turn(seconds=59)
    assert other.get_current().is_empty
    portal.clock.turn(seconds=1)
    assert other.get_current().for_all["max_share_days"].value == 30
