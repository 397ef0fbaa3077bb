"""What workflows are handed for exports of the audit log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.audit.exports import AuditExport
from portal.domain.audit.record import AuditRecord


class AuditExports(Protocol):
    def create(self, export: AuditExport, most: int, record: AuditRecord) -> bool:
        """False where `most` of the same person are still to be written."""

    def get(self, owner_id: str, export_id: str) -> AuditExport | None: ...
    def list_newest(self, owner_id: str) -> list[AuditExport]:
        """Somebody's last ones."""

    def list_due(self, now: datetime) -> Iterable[AuditExport]: ...
    def claim(self, export: AuditExport, now: datetime) -> tuple[AuditExport, datetime] | None:
        """The export as it is now, and until when nobody else goes on with it; None where somebody does."""

    def keep(self, export: AuditExport, held_until: datetime, due_at: datetime) -> bool:
        """Write down how far it is; False where it is not held until then any more."""


class ExportStore(Protocol):
    """The files that exports are written into."""

    def put(self, export: AuditExport, body: bytes) -> None:
        """All of it at once."""

    def put_rest(self, export: AuditExport, body: bytes) -> None: ...
    def get_rest(self, export: AuditExport) -> bytes: ...
    def begin(self, export: AuditExport) -> str: ...
    def put_part(self, export: AuditExport, number: int, body: bytes) -> str | None:
        """The part's etag; None where the upload is not there any more."""

    def finish(self, export: AuditExport, etags: Sequence[str]) -> bool: ...
    def sign_address(self, export: AuditExport, seconds: int) -> str: ...
