"""What workflows are handed for what the organisation allows: policies, counts of emails, and how often
something was done."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.paging import Page
from portal.domain.policy.limits import MailsToday, Rate
from portal.domain.policy.policies import Policy, SavePolicyResult


class Policies(Protocol):
    """What administrators have set, with every version that there was."""

    def get_current(self) -> Policy:
        """As it was within the last minute; makes no call where a session was read since then."""

    def read(self) -> Policy:
        """As it is now."""

    def save(self, before: Policy, after: Policy, record: AuditRecord) -> SavePolicyResult:
        """Put the next version in the place of the one that was seen, which stays in the history."""

    def get_version(self, version: int) -> Policy | None: ...
    def list_versions(self, cursor: str | None, limit: int) -> Page[Policy]:
        """Newest first."""


class MailCounts(Protocol):
    def count_today(self, person_id: str, now: datetime) -> int:
        """How many emails someone has sent on this day (UTC)."""

    def list_most_today(self, now: datetime, limit: int) -> list[MailsToday]:
        """Who has sent most on this day, most first."""


class Rates(Protocol):
    """Counters of how often something was done, one a window of time."""

    def take(self, rate: Rate, who: str, most: int, now: datetime) -> int | None:
        """Take one of what may be done in this window: how many are left then, None where none was."""
