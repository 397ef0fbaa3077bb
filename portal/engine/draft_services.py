"""What workflows are handed for drafts of shares."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.shares.drafts import Draft, SaveDraftResult


class Drafts(Protocol):
    def get(self, owner_id: str, draft_id: str, now: datetime) -> Draft | None: ...
    def list_all(self, owner_id: str, now: datetime) -> list[Draft]:
        """Newest first."""

    def save(self, draft: Draft, share_id: str, most: int, record: AuditRecord) -> SaveDraftResult:
        """Keep a draft; the record is written with a new one. SENT: the share of this id is there; TOO_MANY:
        its person has `most`.
        """

    def remove(self, owner_id: str, draft_id: str, record: AuditRecord | None) -> bool:
        """False where it was not there any more."""
