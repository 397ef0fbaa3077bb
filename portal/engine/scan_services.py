"""What workflows and queries are handed for the malware scan: its results, and the scanner itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.files.file import File
from portal.domain.files.scans import Marks, ReleaseRequest, ScanCase
from portal.domain.mail.notifications import Notification
from portal.domain.paging import Page


class Scans(Protocol):
    def note(
        self,
        file: File,
        version: str,
        marks: Sequence[Marks],
        case: ScanCase | None,
        record: AuditRecord,
        notice: Notification | None = None,
    ) -> bool:
        """Note a version under these marks, for good; case: what is open from then on, None for nothing.
        False where another result, or the upload's end, came since the file was read.
        """

    def get_case(self, file_id: str) -> ScanCase | None: ...
    def get_with_case(self, file_id: str) -> tuple[File, ScanCase] | None:
        """A file and its case in one read; None where one of them is not there."""

    def list_all_due(self, now: datetime) -> Iterator[ScanCase]:
        """Those that nothing was heard of in time, oldest first, each once."""

    def list_quarantine(self, cursor: str | None, limit: int) -> Page[tuple[File, ScanCase]]:
        """Files that the scan keeps closed, newest first."""

    def count_quarantine(self, most: int) -> int:
        """How many there are, up to so many; one that was deleted just now may be among them."""

    def put_off(self, case: ScanCase, until: datetime) -> None:
        """When to look at a waiting one again."""

    def replace_case(self, before: ScanCase, after: ScanCase | None) -> None:
        """Put one in another's place, or none; nothing is done where it is not as it was read."""

    def note_rescan(self, case: ScanCase, look_at: datetime, record: AuditRecord) -> bool:
        """look_at: when to ask for its result, should no event tell of it."""

    def end_looking(self, case: ScanCase) -> None:
        """Leave one in quarantine alone, whose second scan said nothing new."""

    def ask_release(self, case: ScanCase, request: ReleaseRequest, record: AuditRecord) -> bool:
        """False where someone asked before, or the case is not as it was read."""

    def decline_release(self, case: ScanCase, record: AuditRecord) -> bool: ...
    def release(
        self, file: File, case: ScanCase, marks: Sequence[Marks], by_id: str, record: AuditRecord
    ) -> bool:
        """False where the file or the case is not as it was read, or who confirms is who asked."""


class Scanner(Protocol):
    """The malware scanner, and what it leaves on objects. Raises Unavailable where it does not answer."""

    def read_status(self, key: str, version_id: str) -> str:
        """The scanner's word on a version, as its tag says it; empty where it has none."""

    def scan(self, key: str, version_id: str) -> bool:
        """Ask for another scan of a version; False where the scanner does not take it."""

    def mark_released(self, key: str, version_id: str) -> None:
        """Tag a version so that the bucket gives it out whatever the scanner said."""

    def unmark_released(self, key: str, version_id: str) -> None: ...
