"""Which mails one gets: on the account page, and by the address in a mail, with and without a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.domain.notices import NoticeKind
from tests.builders import Running
from tests.doing import recorded, state
from tests.web.browser import Browser
from tests.web.signed_in import signed_in


def off(portal: Running, person_id: str) -> set[str]:
    return set(portal.portal.services.people.mails_off(person_id))


def test_the_account_page_has_the_switches(browser: Browser, portal: Running) -> None:
    me = signed_in(browser)
    page = browser.get("/account")
    boxes = page.form("/account/mails").all("input", type="checkbox")
    assert ["checked" in each.attributes for each in boxes] == [True] * 4
    browser.follow(browser.submit("/account/mails", mails=["bounced", "asked", "nonsense"]))
    assert off(portal, me.id) == {"downloaded", "unfetched"}
    browser.submit("/account/mails", mails=["downloaded", "bounced", "unfetched", "asked"])
    assert off(portal, me.id) == set()


def test_one_click_stops_mails_of_a_kind(browser: Browser, portal: Running) -> None:
    """RFC 8058: no page, no cookie, no secret of a form; looking alone changes nothing (R16, R42)."""
    me = signed_in(browser)
    token = portal.portal.services.switches.token(me.id, [NoticeKind.DOWNLOADED])
    stranger = Browser(portal)
    before = state(portal)
    assert "Stop these mails" in stranger.get(f"/mails/{token}").text
    assert state(portal) == before
    done = stranger.ask("POST", f"/mails/{token}", 200, data={"List-Unsubscribe": "One-Click"},
                        headers={"Referer": ""})  # fmt: skip
    assert "These mails are off" in done.text
    assert off(portal, me.id) == {"downloaded"}
    more = portal.portal.services.switches.token(me.id, [NoticeKind.BOUNCED, NoticeKind.UNFETCHED])
    stranger.ask("POST", f"/mails/{more}", 200)
    assert off(portal, me.id) == {"downloaded", "bounced", "unfetched"}
    assert len(recorded(portal, "person.mails_switched")) == 2


FORGERIES: list[Callable[[str], str]] = [
    lambda token: token[:-1] + "x",
    lambda token: token.replace("downloaded", "asked"),
    lambda token: "0" * 26 + token[26:],
    lambda token: token + "0",
    lambda token: "x",
]


@pytest.mark.parametrize("change", FORGERIES)
def test_a_forged_address_does_nothing(
    browser: Browser, portal: Running, change: Callable[[str], str]
) -> None:
    me = signed_in(browser)
    token = portal.portal.services.switches.token(me.id, [NoticeKind.DOWNLOADED])
    forged = change(token)
    browser.get(f"/mails/{forged}", 404)
    browser.ask("POST", f"/mails/{forged}", 404)
    assert off(portal, me.id) == set()
