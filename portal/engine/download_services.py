"""What workflows are handed for downloads: what a press meets, and counting it.

Both `spend` and `renew` are the last call before an address leaves: their conditions are the last look at
share, recipient and file (R73, I12).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.files.file import File, SharedFile
from portal.domain.links.attempts import Attempt, PressResult
from portal.domain.mail.notifications import Notification
from portal.domain.policy.limits import Rate
from portal.domain.shares.following import Seen
from portal.domain.shares.share import Recipient, Share


class Following(Protocol):
    """What a sender's page shows of the people of a share."""

    def get(self, share_id: str) -> tuple[Share, Seen] | None: ...
    def get_recipients(self, share: Share, recipient_ids: Sequence[str]) -> list[Recipient]:
        """Those that are there, in this order; the files of the share are read in the same call."""


class Downloads(Protocol):
    def read_attempt(
        self, share_id: str, recipient_id: str, file_id: str, key: str
    ) -> tuple[Share, Recipient, Attempt | None] | None:
        """Share, recipient, and the press of that key if it was counted before; one consistent read."""

    def spend(
        self,
        share: Share,
        recipient: Recipient,
        file: SharedFile,
        key: str,
        before: Attempt | None,
        record: AuditRecord,
        rate: Rate,
        notice: Notification | None = None,
    ) -> PressResult:
        """Count one download, with the email that tells of it, in one transaction: COUNTED, or why not."""

    def renew(
        self,
        share: Share,
        recipient: Recipient,
        file: SharedFile,
        key: str,
        before: Attempt,
        most: int,
        now: datetime,
    ) -> PressResult:
        """Note one more address of a press that goes on, of `most`; nothing is counted. RENEWED, or what is
        not as it was read.
        """

    def note_delivered(self, share_id: str, recipient_id: str, file_id: str, began_at: datetime) -> None:
        """That a download that began then brought this recipient the whole file; the newest one counts."""

    def record_broken(self, share_id: str, recipient_id: str, file_id: str, record: AuditRecord) -> bool:
        """Record that a delivery broke off, so that it can be given back; False where that was recorded."""

    def give_back(
        self, share: Share, recipient: Recipient, file_id: str, seen: int, record: AuditRecord
    ) -> bool:
        """Count one download less against the limit, of `seen` that broke off; False where they are not so
        many any more, or the share is closed.
        """


class FileAccess(Protocol):
    """Whether the bytes of a file may be given out."""

    def hand_out(self, file: File, record: AuditRecord) -> bool:
        """Record that an owner gets their file, as it is now; False where it is not to be had any more.

        The last look before the address leaves (R73): a record that is there already (`once`) is no failure.
        """


class AccessLogs(Protocol):
    def lines(self, key: str) -> Iterable[str]:
        """The lines of one log object."""
