"""Each part of the conditions on presses of Download refuses, by itself, what was overtaken since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal.aws.client.keys import attempt_key
from portal.aws.client.writes import update
from portal.domain.links.attempts import Attempt, PressResult
from portal.domain.policy.limits import Limits
from portal.domain.shares.share import Recipient, Share
from tests.actions import withdraw_share
from tests.builders import Running
from tests.overtaken import ANA, Cases, Write, make_share, read, record, services
from tests.workflows.shares.test_change import change_share
from tests.workflows.shares.test_stale_shares import add

CASES = Cases()
MOST = 3


def spend(portal: Running, share: Share, recipient: Recipient, before: Attempt | None = None) -> Write:
    """One press of Download, counted."""
    file, rate = share.first_files[0], Limits().rates.downloads
    about = record(portal, share.id)
    return lambda: services(portal).downloads.spend(share, recipient, file, "press", before, about, rate)


def renew(portal: Running, share: Share, recipient: Recipient, before: Attempt) -> Write:
    asked = share, recipient, share.first_files[0], "press", before, MOST, portal.clock()
    return lambda: services(portal).downloads.renew(*asked)


def pressed(portal: Running, **asked: Any) -> tuple[Share, Recipient, Attempt]:
    """A share whose one file was pressed once, and the press as it was counted."""
    share, recipient = make_share(portal, **asked)
    assert spend(portal, share, recipient)() is PressResult.COUNTED
    return attempt_of(portal, share, recipient)


def attempt_of(portal: Running, share: Share, recipient: Recipient) -> tuple[Share, Recipient, Attempt]:
    found = services(portal).downloads.read_attempt(share.id, recipient.id, share.first_files[0].id, "press")
    assert found is not None
    share, recipient, attempt = found
    return share, recipient, attempt


def withdraw(portal: Running, share: Share, recipient_id: str = "") -> None:
    withdraw_share(portal, ANA, share.id, recipient_id)


def ends_now(portal: Running, share: Share, recipient: Recipient) -> None:
    portal.clock.now = share.expires_at


def is_changed(portal: Running, share: Share, recipient: Recipient) -> None:
    made: Any = SimpleNamespace(about=share.id)
    change_share(portal, made, message="other words")


def is_withdrawn(portal: Running, share: Share, recipient: Recipient) -> None:
    withdraw(portal, share)


def loses_its_recipient(portal: Running, share: Share, recipient: Recipient) -> None:
    withdraw(portal, share, recipient.id)


def gives_a_new_link(portal: Running, share: Share, recipient: Recipient) -> None:
    withdraw(portal, share, recipient.id)
    add(portal, read(portal, share.id, recipient.id)[0], recipient.address)


for _overtakes in (ends_now, is_changed, is_withdrawn, loses_its_recipient, gives_a_new_link):

    def spent_where_it(portal: Running, overtakes: Any = _overtakes) -> Write:
        share, recipient = make_share(portal)
        overtakes(portal, share, recipient)
        return spend(portal, share, recipient)

    def renewed_where_it(portal: Running, overtakes: Any = _overtakes) -> Write:
        share, recipient, before = pressed(portal)
        overtakes(portal, share, recipient)
        return renew(portal, share, recipient, before)

    for _case in (spent_where_it, renewed_where_it):
        CASES[f"{_case.__name__}_{_overtakes.__name__}"] = _case, PressResult.LINK_CHANGED


@CASES.expect(PressResult.LINK_CHANGED)
def spent_where_another_press_took_the_last(portal: Running) -> Write:
    share, recipient, _ = pressed(portal, download_limit=1)
    other = "other", None, record(portal, share.id), Limits().rates.downloads
    return lambda: services(portal).downloads.spend(share, recipient, share.first_files[0], *other)


@CASES.expect(PressResult.COUNTED_BEFORE)
def spent_where_it_was_counted_since(portal: Running) -> Write:
    share, recipient, _ = pressed(portal)
    return spend(portal, share, recipient)


def counted_again(portal: Running) -> tuple[Share, Recipient, Attempt]:
    """A press as it was before it was counted a second time."""
    share, recipient, first = pressed(portal)
    portal.clock.turn(days=2)
    assert spend(portal, share, recipient, first)() is PressResult.COUNTED
    return share, recipient, first


@CASES.expect(PressResult.COUNTED_BEFORE)
def spent_where_it_was_counted_again_since(portal: Running) -> Write:
    share, recipient, first = counted_again(portal)
    return spend(portal, share, recipient, first)


@CASES.expect(PressResult.COUNTED_BEFORE)
def renewed_where_it_was_counted_again_since(portal: Running) -> Write:
    return renew(portal, *counted_again(portal))


@CASES.expect(PressResult.COUNTED_BEFORE)
def renewed_where_others_took_the_last_address(portal: Running) -> Write:
    share, recipient, before = pressed(portal)
    for _ in range(MOST - 1):
        assert renew(portal, share, recipient, before)() is PressResult.RENEWED
    return renew(portal, share, recipient, before)


@pytest.mark.parametrize("name", CASES)
def test_what_was_overtaken_is_not_written(portal: Running, name: str) -> None:
    CASES.check(name, portal)


def test_a_press_without_a_count_of_addresses_goes_on(portal: Running) -> None:
    """As those were kept that are older than this count."""
    share, recipient, before = pressed(portal)
    press = attempt_key(share.id, recipient.id, "press")
    services(portal).downloads.table.write(update(press, "REMOVE #addresses"))
    assert renew(portal, share, recipient, before)() is PressResult.RENEWED


def test_of_what_was_delivered_the_newest_is_kept(portal: Running) -> None:
    share, recipient, _ = pressed(portal)
    now, minute = portal.clock(), timedelta(minutes=1)
    for began_at, kept in ((now, now), (now + minute, now + minute), (now - minute, now + minute)):
        services(portal).downloads.note_delivered(share.id, recipient.id, share.first_files[0].id, began_at)
        assert attempt_of(portal, share, recipient)[2].delivered_at == kept


def test_what_was_given_on_top_of_the_limit_is_counted_to_its_last(portal: Running) -> None:
    share, recipient, _ = pressed(portal, download_limit=1)
    given = replace(recipient, extra_downloads=1)
    results = []
    for key in ("second", "third"):
        about, rate = record(portal, share.id), Limits().rates.downloads
        spending = services(portal).downloads.spend(
            share, given, share.first_files[0], key, None, about, rate
        )
        results.append(spending)
    assert results == [PressResult.COUNTED, PressResult.LINK_CHANGED]
