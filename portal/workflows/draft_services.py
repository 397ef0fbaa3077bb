"""What workflows are handed for drafts of shares."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from portal.domain.audit import AuditRecord
from portal.domain.drafts import Draft


class Drafts(Protocol):
    def get(self, owner_id: str, draft_id: str, now: datetime) -> Draft | None: ...
    def all(self, owner_id: str, now: datetime) -> list[Draft]:
        """Newest first."""

    def save(self, draft: Draft, share_id: str, most: int, record: AuditRecord) -> str:
        """Keep a draft; the record is written with a new one. Returns "saved"; or why it was not: "sent" (the
        share of this id is there), "many" (its person has as many as that).
        """

    def remove(self, owner_id: str, draft_id: str, record: AuditRecord | None) -> bool:
        """False where it was not there any more."""
