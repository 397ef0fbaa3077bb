"""What workflows are handed for drafts of shares, and for shares whose recipients are still to be made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.mail.notifications import Notification
from portal.domain.shares.drafts import Draft, SaveDraftResult
from portal.domain.shares.share import Recipient, Share
from portal.domain.shares.spreading import Spread


class Drafts(Protocol):
    def get(self, owner_id: str, draft_id: str, now: datetime) -> Draft | None: ...
    def list_all(self, owner_id: str, now: datetime) -> list[Draft]:
        """Newest first."""

    def save(self, draft: Draft, share_id: str, most: int, record: AuditRecord) -> SaveDraftResult:
        """Keep a draft; the record is written with a new one, and with one that is to be sent by itself.
        SENT: the share of this id is there; TOO_MANY: its person has `most`; WAITING: it is to be sent by
        itself, and this is no other press of Send.
        """

    def list_all_due(self, now: datetime) -> Iterator[Draft]:
        """Those to be sent by themselves whose turn it is to be looked at, each once."""

    def put_off(self, draft: Draft, until: datetime) -> bool:
        """Look at it again then. False where it is not to be sent any more, or by another press of Send."""

    def take_back(
        self, before: Draft, after: Draft, record: AuditRecord, notice: Notification | None = None
    ) -> bool:
        """It is not sent by itself after all. False where it went out, or Send was pressed anew or taken
        back.
        """

    def remove(self, owner_id: str, draft_id: str, record: AuditRecord) -> bool:
        """False where it was not there any more."""


class Spreads(Protocol):
    """What is left of giving a share to many recipients."""

    def get(self, share_id: str) -> Spread | None:
        """None where nothing is left."""

    def list_due(self, now: datetime) -> Iterator[Spread]: ...
    def write_piece(self, before: Spread, share: Share, recipients: Sequence[Recipient]) -> bool:
        """The next recipients' items, their emails due, and how far it is then; who is there already stays as
        they are. False where another did that, or the share is not open any more.
        """

    def end(self, spread: Spread) -> None:
        """Where the share is withdrawn or gone."""
