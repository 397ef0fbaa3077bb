"""What workflows and queries are handed for the shares of one file."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.files.file import File
from portal.domain.paging import Page


class FileShares(Protocol):
    def list_page(self, file_id: str, cursor: str | None, limit: int) -> Page[str]:
        """The ids of a file's shares, the newest first; some may lead to none."""

    def keep(self, file: File, until: datetime, shared_until: datetime | None, record: AuditRecord) -> bool:
        """Another lifetime; shared_until: the latest end of its open shares. False where a share of it was
        made or moved since it was read: a share's files live as long as it.
        """

    def forget(self, file_id: str) -> None: ...
