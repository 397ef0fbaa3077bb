"""What an administrator is told to look at, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.mail.account_problems import MailTrouble, TroubleMet
from portal.domain.usage.attention import (
    LEAST_MAILS,
    TICK_LATE,
    WORK_LATE,
    Attention,
    Concern,
    Level,
    MailRates,
    ServiceState,
    find_concerns,
)

NOW = datetime(2026, 2, 3, 12, tzinfo=UTC)
CALM = MailRates(1000, 0, 0)


def test_nothing_is_said_where_nothing_is_wrong() -> None:
    late = {"mail": NOW - WORK_LATE}
    assert not find_concerns(ServiceState(NOW - TICK_LATE, late, dead_letters=0), CALM, NOW)


def test_without_the_schedule_nothing_else_is_known() -> None:
    before = NOW - TICK_LATE - timedelta(seconds=1)
    assert find_concerns(None, CALM, NOW) == [Attention(Concern.NO_TICK)]
    assert find_concerns(ServiceState(before, failed_mails=3), CALM, NOW) == [
        Attention(Concern.NO_TICK, before)
    ]


def test_all_that_is_wrong_is_said_most_urgent_first() -> None:
    old, older = NOW - 2 * WORK_LATE, NOW - 3 * WORK_LATE
    state = ServiceState(
        NOW, {"file": old, "mail": older}, 7, 2, (TroubleMet(MailTrouble.PAUSED, old, NOW),),
        quarantined=3,
    )  # fmt: skip
    assert find_concerns(state, MailRates(1000, 60, 1), NOW) == [
        Attention(Concern.MAIL_REFUSED, old, kind="paused"),
        Attention(Concern.DEAD_LETTERS, count=2),
        Attention(Concern.WORK_LATE, older, kind="mail"),
        Attention(Concern.COMPLAINTS, count=1),
        Attention(Concern.BOUNCES, count=60),
        Attention(Concern.QUARANTINED, count=3),
        Attention(Concern.MAILS_FAILED, count=7),
    ]


@pytest.mark.parametrize(
    ("sent", "bounces", "complaints", "levels"),
    [
        (0, 0, 0, (Level.FINE, Level.FINE)),
        (LEAST_MAILS - 1, 100, 100, (Level.FINE, Level.FINE)),
        (10_000, 499, 9, (Level.FINE, Level.FINE)),
        (10_000, 500, 10, (Level.REVIEW, Level.REVIEW)),
        (10_000, 999, 49, (Level.REVIEW, Level.REVIEW)),
        (10_000, 1000, 50, (Level.PAUSE, Level.PAUSE)),
    ],
)
def test_rates_are_held_against_the_services_limits(
    sent: int, bounces: int, complaints: int, levels: tuple[Level, Level]
) -> None:
    rates = MailRates(sent, bounces, complaints)
    assert (rates.bounce_level, rates.complaint_level) == levels
