"""What the organisation allows people to send: how many mails a day (R57)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

from portal.domain.errors import MailsUsedUp, words
from portal.workflows.services import Services

T = TypeVar("T")


def within_quota(person_id: str, count: int, now: datetime, services: Services, do: Callable[[], T]) -> T:
    """Do what counts so many mails; where that would be too many, say how many are left and until when."""
    try:
        return do()
    except MailsUsedUp as used_up:
        raise mails_used_up(person_id, count, now, services) from used_up


def mails_used_up(person_id: str, count: int, now: datetime, services: Services) -> MailsUsedUp:
    most, wait = services.limits.max_mails_a_day, until_tomorrow(now)
    left = max(0, most - services.mail_counts.today(person_id, now))
    return MailsUsedUp(
        words("This would send %(count)s mails. Of the %(most)s that you can send on one day, %(left)s are"
              " left today. The count starts anew at midnight UTC, in %(hours)s hours at the latest."),
        field="recipients", retry_after_seconds=wait,
        values={"count": count, "most": most, "left": left, "hours": -(-wait // 3600)},
    )  # fmt: skip


def until_tomorrow(now: datetime) -> int:
    """Seconds to the next day in UTC, by which mails and resends are counted."""
    midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    return int((midnight - now).total_seconds()) + 1
