"""What queries and workflows are handed for how much the portal is used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from portal.domain.usage.figures import DayUsage, Kind, Subject, SubjectUsage


class Usage(Protocol):
    """Counters by day (UTC), as far as the audit log is sealed. Whoever seals it adds to them."""

    def get_days(self, days: Sequence[date]) -> dict[date, DayUsage]:
        """Those of these days on which anything was counted; one call for each 100 days."""

    def list_top(self, day: date, kind: Kind, limit: int) -> list[tuple[Subject, SubjectUsage]]:
        """Who or what had most bytes delivered on a day, most first."""
