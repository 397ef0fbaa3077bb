"""What was shared with someone who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest

from portal.queries import received
from tests.actions import link_token, make_person, read_state, share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import Calls, sign_in

CLARA = make_person("Clara Diaz")
ASKED = ("plan", "DORA min", "egger plan", "example.org", "<script>", "")


def test_a_colleague_finds_and_opens_it(browser: Browser, portal: Running) -> None:
    """The link is made again, for the address that the provider verified."""
    sign_in(browser)
    made = share_files(
        portal, CLARA, [upload_file(portal, CLARA)], recipients_text="Ana@example.org", download_limit=2
    )
    with Calls(portal) as calls:
        page = browser.get("/shared-with-me")
    assert len(calls.names) <= 3
    for said in ("Clara Diaz", "report", "Open"):
        assert said in page.text
    way = browser.ask("GET", page.links["Open"], 303)
    assert way.location == f"{portal.config.public_url}/d/{link_token(portal, made)}"
    assert (
        browser.get(way.location.removeprefix(portal.config.public_url)).heading
        == "Clara Diaz sent you a file"
    )


@pytest.mark.requirement("R16", "R24")
def test_one_finds_what_one_received_by_sender_name_and_folder(browser: Browser, portal: Running) -> None:
    """All words asked for, wherever they stand; what is asked stays in the field, and looking changes
    nothing.
    """
    sign_in(browser)
    for name, sender in (("Site plan.pdf", "Clara Diaz"), ("Minutes.docx", "Dora Egger")):
        person = make_person(sender)
        share_files(portal, person, [upload_file(portal, person, name)], recipients_text="ana@example.org")
    before = read_state(portal)
    pages = {asked: browser.get(f"/shared-with-me?q={quote(asked)}").answer.text for asked in ASKED}
    names = ("Site plan", "Minutes")
    found = {asked: [name for name in names if f"Open {name}." in page] for asked, page in pages.items()}
    assert found == {
        "plan": ["Site plan"], "DORA min": ["Minutes"], "egger plan": [],
        "example.org": ["Site plan", "Minutes"], "<script>": [], "": ["Site plan", "Minutes"],
    }  # fmt: skip
    assert "<script>alert" not in browser.get("/shared-with-me?q=%22%3E%3Cscript%3Ealert(1)").answer.text
    assert read_state(portal) == before


@pytest.mark.requirement("R62")
def test_a_search_goes_on_where_its_page_ended(browser: Browser, portal: Running) -> None:
    """The search reads so much at once and no more, and leads on."""
    sign_in(browser)
    file = upload_file(portal, CLARA, "Site plan.pdf")
    for _ in range(received.PAGE_ROWS + 2):
        share_files(portal, CLARA, [file], recipients_text="ana@example.org")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(received, "SEARCHED_AT_ONCE", received.PAGE_ROWS)
        first = browser.get("/shared-with-me?q=plan")
        rest = browser.get(first.links["Next"])
    assert tuple(page.answer.text.count("Open Site plan.pdf") for page in (first, rest)) == (
        received.PAGE_ROWS,
        2,
    )


@pytest.mark.requirement("R11")
def test_what_was_shared_with_others_is_not_there(
    new_browser: Callable[[], Browser], portal: Running
) -> None:
    made = share_files(portal, CLARA, [upload_file(portal, CLARA)], recipients_text="ana@example.org")
    other = new_browser()
    sign_in(other, "Ben Okoro")
    assert "Nothing here yet" in other.get("/shared-with-me").text
    other.get(f"/shared-with-me/{made.about}", 404)
    other.get("/shared-with-me/none", 404)


def test_an_address_nobody_verified_receives_nothing(browser: Browser, portal: Running) -> None:
    made = share_files(portal, CLARA, [upload_file(portal, CLARA)], recipients_text="ana@example.org")
    sign_in(browser, email_verified=None)
    assert "not verified" in browser.get("/shared-with-me").text
    browser.get(f"/shared-with-me/{made.about}", 404)


@pytest.mark.requirement("R68")
@pytest.mark.parametrize(
    ("claim", "has_it"),
    [
        ("ben@fa\u00df.example", True), ("Ben@XN--FA-HIA.example", True), ("ben@fass.example", False),
        ("ben\u200b@fa\u00df.example", False), ("be\u00f1@fa\u00df.example", False),
        ("Ben <ben@fa\u00df.example>", False),
    ],
)  # fmt: skip
def test_an_international_address_is_its_owners_alone(
    browser: Browser, portal: Running, claim: str, has_it: bool
) -> None:
    """However the provider writes it; what is no bare address is nobody's, with or without its marks."""
    made = share_files(portal, CLARA, [upload_file(portal, CLARA)], recipients_text="ben@fa\u00df.example")
    sign_in(browser, email=claim)
    assert ("Clara Diaz" in browser.get("/shared-with-me").text) == has_it
    browser.ask("GET", f"/shared-with-me/{made.about}", 303 if has_it else 404)


@pytest.mark.requirement("R16")
def test_looking_changes_nothing(browser: Browser, portal: Running) -> None:
    """Of every page here, and of the way to the link."""
    sign_in(browser)
    made = share_files(portal, CLARA, [upload_file(portal, CLARA)], recipients_text="ana@example.org")
    before = read_state(portal)
    for path in ("/shared-with-me", "/shares", "/shares/new", "/account"):
        browser.get(path)
    browser.ask("GET", f"/shared-with-me/{made.about}", 303)
    assert read_state(portal) == before
