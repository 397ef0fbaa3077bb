"""What legal holds are set, released and asked for with, as an interface.

Every transaction that destroys something asks for holds in it, and raises Held (`portal/aws/tables/holds.py`,
check_not_held). `is_held` is for what no row names, of which no transaction can ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.paging import Page
from portal.domain.policy.legal_holds import LegalHold, ReleaseHoldResult, SetHoldResult


class Holds(Protocol):
    def set(self, hold: LegalHold, record: AuditRecord) -> SetHoldResult: ...
    def release(self, before: LegalHold, after: LegalHold, record: AuditRecord) -> ReleaseHoldResult: ...
    def get(self, hold_id: str) -> LegalHold | None: ...
    def is_held(self, *thing_ids: str) -> bool:
        """Whether any of these things is held, read consistently."""

    def list_page(self, *, released: bool, cursor: str | None, limit: int) -> Page[LegalHold]:
        """Holds in force, or released ones, the newest first."""

    def list_on(self, thing_ids: Sequence[str]) -> list[LegalHold]:
        """The holds in force on any of these things."""

    def list_due(self, now: datetime) -> Iterator[LegalHold]:
        """Holds whose objects are still to be locked in S3, or released there."""

    def note_lock(self, before: LegalHold, after: LegalHold) -> bool:
        """How far locking has come."""
