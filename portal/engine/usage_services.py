"""What queries and workflows are handed for how much the portal is used, and how its service does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from portal.domain.usage.attention import ServiceState
from portal.domain.usage.figures import Kind, Subject, SubjectUsage, UsageChanges
from portal.domain.usage.reading import UsageReading


class UsageCounters(Protocol):
    """Counters by day (UTC), as far as the audit log is sealed. Whoever seals it adds to them."""

    def read(self, days: Sequence[date], tops_of: Sequence[date] = ()) -> UsageReading:
        """One call for each 100 days and lists of days, the totals and the service's state among them."""

    def list_top(self, day: date, kind: Kind, limit: int) -> list[tuple[Subject, SubjectUsage]]:
        """Who or what had most bytes delivered on a day, most first."""

    def keep_tops(self, day: date, now: datetime) -> None:
        """Put the first of each kind of a day where `read` finds them, with the bytes stored by then."""

    def keep_state(self, state: ServiceState) -> None: ...
    def note_log(self, taken_at: datetime) -> None:
        """That a log of S3's was taken in; the latest time counts."""


class UsageMending(Protocol):
    def read_counters(self, day: date) -> UsageChanges:
        """All counters of a day, consistently read."""

    def mend(self, day: date, counted: UsageChanges, right: UsageChanges) -> bool:
        """Put right the counters of a day that were read; False where one of them moved since then."""


class DeadLetters(Protocol):
    def count(self) -> int | None:
        """How many events failed again and again and wait to be looked at; None where there is no queue."""


class DueTimes(Protocol):
    def oldest(self, now: datetime) -> Mapping[str, datetime | None]:
        """Since when the oldest of each kind of scheduled work has been due; None where nothing is."""

    def count_failed_mails(self, since: datetime, most: int) -> int:
        """How many emails failed since then and were not sent again; no more than `most` are counted."""
