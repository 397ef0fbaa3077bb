"""What workflows are handed for what the organisation allows: counts of mails."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from portal.domain.limits import MailsToday


class MailCounts(Protocol):
    def today(self, person_id: str, now: datetime) -> int:
        """How many mails somebody has sent on this day (UTC)."""

    def most_today(self, now: datetime, limit: int) -> list[MailsToday]:
        """Who has sent most on this day, most first."""
