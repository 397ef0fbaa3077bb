"""What workflows and queries are handed for files, and for the shares of one file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord, Trust
from portal.domain.files.file import File, SharedFile
from portal.domain.paging import Page
from portal.domain.policy.limits import Limits
from portal.domain.shares.share import Share


class Files(Protocol):
    def reserve(
        self, files: Sequence[File], records: Sequence[AuditRecord], limits: Limits, once: str = ""
    ) -> Sequence[File] | None:
        """Announce files of one owner, all or none, each with its record, and hold their `reserved_bytes` in
        the owner's quota, which `limits` says; None where that has no room for them. What the same person
        announced with the same `once` before is not announced again: those files, or none where they are not
        all there any more.
        """

    def begin(self, file: File, upload_id: str, record: AuditRecord) -> bool:
        """Write down S3's upload of a pending file; False where it has one already, or is not pending."""

    def keep_hash(self, file: File, sha256: str, trust: Trust | None) -> bool: ...
    def put_off(self, file: File, until: datetime) -> bool:
        """Let the sweep come back to a file then; False where it is in another state by now."""

    def get(self, owner_id: str, file_id: str) -> File | None:
        """A file of this owner; someone else's is not there (R11)."""

    def get_many(self, owner_id: str, file_ids: Sequence[str]) -> list[File]: ...
    def find(self, file_id: str) -> File | None:
        """A file, whoever's it is: for links, events and the schedule; who asks for a person asks whether
        that person may.
        """

    def find_by_key(self, key: str) -> File | None:
        """The file whose object has this key."""

    def get_of_shares(self, shares: Sequence[Share], known: Sequence[File] = ()) -> dict[str, File]:
        """The files of these shares as they are now, by id; one that is not there any more is left out.
        known: those that were read just now, which are not read again.
        """

    def complete(self, before: File, file: File, record: AuditRecord) -> bool:
        """PENDING to READY with what S3 said; False where it was not pending any more. What was reserved and
        is not needed goes back.
        """

    def reject(self, file: File, reason: str, record: AuditRecord) -> bool: ...
    def cancel(self, file: File, record: AuditRecord) -> bool:
        """Let nothing take in a file that has not been; False where it was. What it holds in the quota goes
        back with its row.
        """

    def delete_pending(self, file: File, record: AuditRecord | None = None) -> bool:
        """Remove a file that was announced and never came; False where it is not pending any more."""

    def rename(self, file: File, name: str, record: AuditRecord) -> bool: ...
    def trash(self, file: File, now: datetime, purge_at: datetime, record: AuditRecord) -> bool: ...
    def restore(self, file: File, keep_until: datetime, record: AuditRecord) -> bool: ...
    def mark_purged(self, file: File, record: AuditRecord) -> bool:
        """TRASHED to PURGED, before its bytes go; the record follows with its row. From here nothing brings
        it back. False where it was not in the trash any more.
        """

    def purge(self, file: File, record: AuditRecord) -> bool:
        """Remove the row of a doomed file whose bytes are gone."""

    def page(
        self, owner_id: str, state: str, order: str, descending: bool, cursor: str | None, limit: int
    ) -> Page[File]:
        """Files of one owner in one state; order is uploaded, name or size."""

    def search(self, owner_id: str, text: str, cursor: str | None, limit: int) -> Page[File]: ...
    def list_due(self, now: datetime, limit: int) -> list[File]:
        """Files whose time has come: pending too long, past their lifetime, trashed past their grace."""

    def list_all_due(self, now: datetime) -> Iterator[File]:
        """All of them, oldest first, each once whatever becomes of it."""


class SharedFiles(Protocol):
    """The files of a share, as it pinned them."""

    def find(self, share: Share, file_id: str) -> SharedFile | None:
        """One of them, with one read at most; None where the share has none of that id."""

    def list_page(self, share: Share, cursor: str | None, pieces: int = 1) -> Page[SharedFile]:
        """So many times `MAX_WHOLE` of them; the first page by itself is read with the share."""

    def list_all(self, share: Share) -> Iterator[SharedFile]: ...


class FileShares(Protocol):
    def list_page(self, file_id: str, cursor: str | None, limit: int) -> Page[str]:
        """The ids of a file's shares, the newest first; some may lead to none."""

    def keep(self, file: File, until: datetime, shared_until: datetime | None, record: AuditRecord) -> bool:
        """Another lifetime; shared_until: the latest end of its open shares. False where a share of it was
        made or moved since it was read: a share's files live as long as it.
        """

    def forget(self, file_id: str) -> None: ...
