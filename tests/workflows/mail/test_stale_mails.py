"""What is written about emails refuses where it was overtaken since, and counts to its limit, no further."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.aws.tables.mail_counts import count_mails
from portal.aws.tables.suppressed_table import suppress
from portal.domain.mail.account_problems import SHOWN, MailTrouble
from portal.domain.mail.mail_job import MailJob
from portal.domain.mail.suppression import HeldFor, SuppressedAddress
from tests.builders import Running
from tests.overtaken import Cases, Write, make_share, record, services

CASES = Cases()
PARTNER = "partner@example.com"


@CASES.expect(False)
def let_go_of_what_came_back_again_since(portal: Running) -> Write:
    """The administrator decided about the earlier one."""
    table, suppression = services(portal).shares.table, services(portal).suppression_list
    held = SuppressedAddress(PARTNER, HeldFor.BOUNCE, portal.clock())
    again = replace(held, reason=HeldFor.COMPLAINT, at=portal.clock() + timedelta(minutes=1))
    table.transact([suppress(again)])
    return lambda: suppression.release(held, record(portal, held.id))


@pytest.mark.parametrize("name", CASES)
def test_what_was_overtaken_is_not_written(portal: Running, name: str) -> None:
    CASES.check(name, portal)


def test_a_turn_to_tell_somebody_comes_when_the_gap_is_over(portal: Running) -> None:
    outbox, gap, first = services(portal).outbox, timedelta(minutes=30), portal.clock()
    assert outbox.take_turn("person", first, gap) is None
    assert outbox.take_turn("person", first + gap - timedelta(microseconds=1), gap) == first
    assert outbox.take_turn("person", first + gap, gap) is None


def test_emails_are_counted_to_the_last_of_a_day_and_no_further(portal: Running) -> None:
    share, recipient = make_share(portal)
    table, now = services(portal).shares.table, portal.clock()
    queued = [replace(recipient, mail=MailJob.first(now))] * 2
    before = services(portal).mail_counts.count_today(share.owner_id, now)
    assert not table.try_transact(count_mails(share, queued, now, before + 1))
    assert table.try_transact(count_mails(share, queued, now, before + 2))
    assert services(portal).mail_counts.count_today(share.owner_id, now) == before + 2
    tomorrow = now + timedelta(days=1)
    assert not table.try_transact(count_mails(share, queued, tomorrow, 1))
    assert table.try_transact(count_mails(share, queued, tomorrow, 2))


def test_a_trouble_goes_on_while_it_is_shown_and_then_begins_again(portal: Running) -> None:
    troubles, first = services(portal).mail_troubles, portal.clock()
    trouble = next(iter(MailTrouble))
    troubles.note(trouble, first)
    troubles.note(trouble, first + SHOWN)
    (met,) = troubles.current(first + SHOWN)
    assert (met.first_at, met.last_at, met.times) == (first, first + SHOWN, 2)
    later = first + 2 * SHOWN + timedelta(microseconds=1)
    assert troubles.current(first + 2 * SHOWN)
    assert not troubles.current(later)
    troubles.note(trouble, later)
    (met,) = troubles.current(later)
    assert (met.first_at, met.times) == (later, 1)
