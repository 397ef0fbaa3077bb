"""Five hundred recipients by every way in: the page with its script, the form without, a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.aws.tables.spreads_table import put_spread
from portal.domain.people.person import Person
from portal.domain.shares.spreading import Spread
from tests.actions import share_files, upload_file
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.sending_calls import call, told, typed
from tests.web.sharing import NEW, press
from tests.web.signed_in import sign_in
from tests.web.tokens import Program, make_token

MANY = [f"p{number:03}@example.com" for number in range(500)]
# As long as an address may be: 254 characters.
LONGEST = [f"{number:03}{'x' * 61}@{'d' * 61}.{'e' * 61}.{'f' * 61}.xyz" for number in range(500)]


@pytest.fixture
def ana(browser: Browser) -> Person:
    return sign_in(browser)


@pytest.fixture
def newest(portal: Running, ana: Person) -> Any:
    return lambda: portal.portal.services.shares.list_page(ana.id, None, 1).items[0]


def test_the_form_without_scripts_takes_them(
    portal: Running, browser: Browser, ana: Person, newest: Any
) -> None:
    """Of the longest addresses: no item and no form is too large."""
    browser.get(f"{NEW}?file={upload_file(portal, ana).id}")
    press(browser, "review", recipients="\n".join(LONGEST))
    press(browser, "share")
    assert len(newest().addresses) == 500
    browser.get(f"/shares/{newest().id}")


def test_send_takes_them_and_keeps_them_in_a_draft(
    portal: Running, browser: Browser, ana: Person, newest: Any
) -> None:
    """Each of them also among those whose link the sender passes on."""
    file = upload_file(portal, ana)
    browser.get("/send")
    paths = told(browser)["paths"]
    body = typed(file.id, recipients="\n".join(MANY))
    body["fields"] += [["by_hand", each] for each in MANY]
    call(browser, "PUT", paths["draft"], 200, body)
    call(browser, "POST", paths["send"], 200, body)
    assert len(newest().addresses) == 500
    kept = portal.portal.services.shares.get_with_recipients(newest().id)
    assert kept is not None
    assert {str(each.mail.state) for each in kept[1]} == {"by_hand"}


def test_the_page_says_how_many_are_on_the_way(portal: Running, browser: Browser, ana: Person) -> None:
    made = share_files(portal, ana, [upload_file(portal, ana)], recipients_text="\n".join(MANY[:51]))
    said = "7 recipients get their links in the next minutes."
    assert said not in browser.get(f"/shares/{made.about}").answer.text
    table: Any = portal.portal.services.spreads
    table.table.write(put_spread(Spread(made.about, portal.clock(), 51, "key", done=44)))
    assert said in browser.get(f"/shares/{made.about}").answer.text


def test_a_program_gives_it_to_them_and_to_no_more(
    portal: Running, ana: Person, program: Callable[[str], Program]
) -> None:
    caller = program(make_token(portal, ana, "read", "share"))
    asked = {"file_ids": [upload_file(portal, ana).id], "share_with": MANY[:60], "by_hand": MANY[:60]}
    made = caller.ask("POST", "/v1/shares", 201, json=asked)
    path = f"/v1/shares/{made['share_id']}"
    told = caller.ask("POST", f"{path}/recipients", json={"share_with": MANY[60:], "by_hand": True})
    assert sorted(each["address"] for each in told["recipients"]) == MANY
    refused = caller.ask("POST", f"{path}/recipients", 400, json={"share_with": ["one@example.com"]})
    assert refused["reason"] == "too_many_recipients"
