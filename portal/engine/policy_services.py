"""What workflows are handed for what the organisation allows: counts of emails, and how often
something was done."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from portal.domain.policy.limits import MailsToday, Rate


class MailCounts(Protocol):
    def count_today(self, person_id: str, now: datetime) -> int:
        """How many emails someone has sent on this day (UTC)."""

    def list_most_today(self, now: datetime, limit: int) -> list[MailsToday]:
        """Who has sent most on this day, most first."""


class Rates(Protocol):
    """Counters of how often something was done, one a window of time."""

    def take(self, rate: Rate, who: str, most: int, now: datetime) -> bool:
        """Take one of what may be done in this window; False where none is left."""
