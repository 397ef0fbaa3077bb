"""What happened is shown in the order it happened, although the bucket's log knows whole seconds alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.domain.audit.record import PORTAL, Action, AuditRecord, newest_first

pytestmark = pytest.mark.requirement("R79")
BEGAN = datetime(2026, 2, 6, tzinfo=UTC)
moments = st.integers(0, 5_000_000).map(lambda microseconds: BEGAN + timedelta(microseconds=microseconds))


def record(at: datetime, action: Action) -> AuditRecord:
    return AuditRecord(at, action, PORTAL, "share")


@example(BEGAN + timedelta(microseconds=4_999_999), 0, [], Random(1))  # noqa: S311 -- an order, no secret
@given(moments, st.integers(0, 2_000_000), st.lists(moments, max_size=8), st.randoms())
def test_bytes_follow_the_press_that_asked_for_them(
    pressed_at: datetime, later: int, others: list[datetime], order: object
) -> None:
    """Also where both fell into one second, of which the log names the beginning."""
    press = record(pressed_at, Action.SHARE_DOWNLOADED)
    sent = record((pressed_at + timedelta(microseconds=later)).replace(microsecond=0), Action.BYTES_SENT)
    records = [press, sent, *(record(at, Action.LINK_OPENED) for at in others)]
    order.shuffle(records)  # type: ignore[attr-defined]
    shown = newest_first(records)
    assert shown.index(sent) < shown.index(press)
    exact = [each.at for each in shown if each.action is not Action.BYTES_SENT]
    assert exact == sorted(exact, reverse=True)
