"""Which emails one gets: on the account page, and by the address in an email, with and without a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.domain.mail.notifications import NotificationKind
from tests.actions import list_records, read_state
from tests.builders import Running
from tests.web.browser import Browser
from tests.web.signed_in import sign_in


def off(portal: Running, person_id: str) -> set[str]:
    return set(portal.portal.services.people.get_mails_off(person_id))


def test_the_account_page_has_the_switches(browser: Browser, portal: Running) -> None:
    me = sign_in(browser)
    page = browser.get("/account")
    boxes = page.form("/account/mails").all("input", type="checkbox")
    assert ["checked" in each.attributes for each in boxes] == [True] * 5
    browser.follow(browser.submit("/account/mails", mails=["bounced", "asked", "nonsense"]))
    assert off(portal, me.id) == {"downloaded", "unfetched", "ending"}
    browser.submit("/account/mails", mails=["downloaded", "bounced", "unfetched", "asked", "ending"])
    assert off(portal, me.id) == set()


@pytest.mark.requirement("R16", "R42")
def test_one_click_stops_mails_of_a_kind(browser: Browser, portal: Running) -> None:
    """RFC 8058: no page, no cookie, no secret of a form; looking alone changes nothing."""
    me = sign_in(browser)
    token = portal.portal.services.switches.token(me.id, [NotificationKind.DOWNLOADED])
    stranger = Browser(portal)
    before = read_state(portal)
    assert "Stop these emails" in stranger.get(f"/mails/{token}").text
    assert read_state(portal) == before
    done = stranger.ask("POST", f"/mails/{token}", 200, data={"List-Unsubscribe": "One-Click"},
                        headers={"Referer": ""})  # fmt: skip
    assert "These emails are off" in done.text
    assert off(portal, me.id) == {"downloaded"}
    more = portal.portal.services.switches.token(
        me.id, [NotificationKind.BOUNCED, NotificationKind.UNFETCHED]
    )
    stranger.ask("POST", f"/mails/{more}", 200)
    assert off(portal, me.id) == {"downloaded", "bounced", "unfetched"}
    assert len(list_records(portal, "person.mails_switched")) == 2


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
    me = sign_in(browser)
    token = portal.portal.services.switches.token(me.id, [NotificationKind.DOWNLOADED])
    forged = change(token)
    browser.get(f"/mails/{forged}", 404)
    browser.ask("POST", f"/mails/{forged}", 404)
    assert off(portal, me.id) == set()
