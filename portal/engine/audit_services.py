"""What workflows are handed for files that the worker writes: exports of the audit log, and of one's data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from portal.domain.audit.record import AuditRecord
from portal.domain.written_files import WrittenFile

E = TypeVar("E", bound=WrittenFile)


class Exports(Protocol[E]):
    """Those of one kind."""

    def create(self, export: E, most: int, record: AuditRecord) -> bool:
        """False where `most` of the same person are still to be written."""

    def get(self, owner_id: str, export_id: str) -> E | None: ...
    def list_newest(self, owner_id: str) -> list[E]:
        """Somebody's last ones."""

    def list_due(self, now: datetime) -> Iterable[E]: ...
    def claim(self, export: E, now: datetime) -> tuple[E, datetime] | None:
        """The export as it is now, and until when nobody else goes on with it; None where somebody does."""

    def keep(self, export: E, held_until: datetime, due_at: datetime) -> bool:
        """Write down how far it is; False where it is not held until then any more."""

    def forget(self, export: E) -> None: ...


class ExportStore(Protocol):
    """The files that exports are written into."""

    def put(self, export: WrittenFile, body: bytes) -> None:
        """All of it at once."""

    def put_rest(self, export: WrittenFile, body: bytes) -> None: ...
    def get_rest(self, export: WrittenFile) -> bytes: ...
    def begin(self, export: WrittenFile) -> str: ...
    def put_part(self, export: WrittenFile, number: int, body: bytes) -> str | None:
        """The part's etag; None where the upload is not there any more."""

    def finish(self, export: WrittenFile, etags: Sequence[str]) -> bool: ...
    def remove(self, export: WrittenFile) -> None:
        """The object, and what was kept of it while it was written."""

    def sign_address(self, export: WrittenFile, seconds: int) -> str: ...
