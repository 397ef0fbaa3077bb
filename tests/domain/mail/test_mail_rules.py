"""What becomes of an email: how long it waits, what holds an address back, what may stand in a header."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.mail.account_problems import MailTrouble
from portal.domain.mail.email_message import single_line
from portal.domain.mail.mail_job import CLOSED, SCANNING, THROTTLED, TOO_LATE, MailJob, MailState
from portal.domain.mail.notifications import LEAST_LIFE, Notification, NotificationKind
from portal.domain.mail.suppression import SUPPRESSED, HeldFor, find_suppression, hash_address

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
NOTICE = Notification("id", NotificationKind.REMINDER, "ben@example.com", "share", created_at=NOW)


@pytest.mark.parametrize("share_ends", [NOW - LEAST_LIFE, NOW, NOW + LEAST_LIFE, NOW + 2 * LEAST_LIFE])
def test_an_email_waits_for_its_shares_end_and_three_days_at_least(share_ends: datetime) -> None:
    too_late = max(share_ends, NOW + timedelta(hours=72))
    assert NOTICE.is_too_late(share_ends, too_late)
    assert not NOTICE.is_too_late(share_ends, too_late - MOMENT)
    assert not replace(NOTICE, created_at=None).is_too_late(share_ends, max(share_ends, NOW))


@pytest.mark.parametrize("state", MailState)
def test_only_what_was_given_up_as_closed_is_sent_after_all(state: MailState) -> None:
    assert MailJob(state, problem=CLOSED).came_too_late == (state is MailState.FAILED)
    assert not MailJob(state, problem=TOO_LATE).came_too_late


@pytest.mark.parametrize("state", MailState)
def test_what_waits_for_something_is_still_queued(state: MailState) -> None:
    queued = state is MailState.QUEUED
    assert MailJob(state, problem=MailTrouble.SANDBOX).waits_for_account == queued
    assert not MailJob(state, problem="bounce").waits_for_account
    assert MailJob(state, problem=SCANNING).waits_for_scan == queued
    assert not MailJob(state, problem=THROTTLED).waits_for_scan
    assert [MailJob(state, unanswered=times).is_probably_sent for times in (1, 2, 3)] == [
        False,
        queued,
        queued,
    ]


def test_a_new_recipient_is_mailed_at_once_or_by_hand() -> None:
    assert MailJob.first(NOW) == MailJob(MailState.QUEUED, due_at=NOW, changed_at=NOW)
    assert MailJob.first(NOW, by_hand=True) == MailJob(MailState.BY_HAND, changed_at=NOW)


@pytest.mark.parametrize("for_good", [True, False])
@pytest.mark.parametrize("problem", [SUPPRESSED, "other"])
@pytest.mark.parametrize("state", MailState)
def test_what_holds_an_address_back(state: MailState, problem: str, for_good: bool) -> None:
    held = find_suppression("Ben@example.com", MailJob(state, problem=problem), NOW, for_good=for_good)
    reasons = {
        MailState.COMPLAINED: HeldFor.COMPLAINT,
        MailState.BOUNCED: HeldFor.BOUNCE if for_good else None,
        MailState.HELD: HeldFor.ACCOUNT if problem == SUPPRESSED else None,
    }
    assert (held.reason if held else None) == reasons.get(state)
    if held:
        assert (held.at, held.detail) == (NOW, "" if held.reason is HeldFor.ACCOUNT else problem)
        assert held.id == hash_address("ben@EXAMPLE.com")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a" * 78, "a" * 78), ("a" * 79, "a" * 78), ("one\r\nBcc: two", "one Bcc two"),
        ("=?utf-8?q?x?=", "=utf-8?q?x?="), ('<"a">@b, c;\\d', "ab cd"), ("\u200b\u2060", ""),
        ("  a \t b  ", "a b"), ("a" * 76 + "\U0001f469\u200d\U0001f4bb", "a" * 76 + "\U0001f469"),
    ],
)  # fmt: skip
def test_a_header_is_one_short_line_without_syntax(text: str, line: str) -> None:
    assert single_line(text) == line
