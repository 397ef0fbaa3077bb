"""What a handover is done with, as an interface. Each piece is one conditional transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.files.file import File
from portal.domain.mail.notifications import Notification
from portal.domain.people.handover import BeginHandoverResult, Handover, PieceResult
from portal.domain.policy.limits import Limits
from portal.domain.shares.share import Recipient, Share


class Handovers(Protocol):
    def begin(self, handover: Handover, record: AuditRecord) -> BeginHandoverResult: ...
    def get(self, giver_id: str) -> Handover | None:
        """The latest handover of what someone had."""

    def list_due(self, now: datetime) -> Iterator[Handover]: ...
    def list_file_ids(self, giver_id: str, after: str, limit: int) -> list[str]:
        """The ids of files that someone has, in order, read consistently: what was moved is not there."""

    def move_files(
        self, before: Handover, after: Handover, files: Sequence[File], records: Sequence[AuditRecord],
        limits: Limits,
    ) -> PieceResult:  # fmt: skip
        """These files to the receiver, in their lists and quotas too, and the handover's next place. limits:
        the receiver's.
        """

    def move_share(
        self,
        before: Handover,
        after: Handover,
        share: Share,
        recipients: Sequence[Recipient],
        record: AuditRecord,
    ) -> PieceResult:
        """A share to the receiver, with the copies of its recipients; its links stay what they are."""

    def advance(self, before: Handover, after: Handover, notices: Sequence[Notification] = ()) -> bool:
        """Write where it goes on, or that it is over and who is told; False where another process did."""
