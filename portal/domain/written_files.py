"""Files that the worker writes in pieces into the logs bucket and that one person may fetch for a week: what
all of them know of how far they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

KEPT_DAYS = 7  # as the bucket's lifecycle has it


class ExportState(StrEnum):
    WAITING = "waiting"
    READY = "ready"


@dataclass(frozen=True)
class WrittenFile:
    """size: of the parts with these etags, or of all of it once it is ready; what is too short for a part is
    in an object of its own, which `rest` numbers. Each kind says below which prefix it lies, how its key
    ends, and what it is.
    """

    prefix: ClassVar[str]

    id: str
    owner_id: str
    made_at: datetime
    state: ExportState = field(default=ExportState.WAITING, kw_only=True)
    size: int = field(default=0, kw_only=True)
    upload_id: str = field(default="", kw_only=True)
    etags: tuple[str, ...] = field(default=(), kw_only=True)
    rest: int = field(default=0, kw_only=True)

    @property
    def ending(self) -> str:
        raise NotImplementedError

    @property
    def content_type(self) -> str:
        raise NotImplementedError

    @property
    def file_name(self) -> str:
        raise NotImplementedError

    def begin_again(self) -> Self:
        """As if nothing were written; what is there is never offered."""
        raise NotImplementedError

    def is_offered(self, now: datetime) -> bool:
        return self.state is ExportState.READY and now < self.kept_until

    @property
    def key(self) -> str:
        return f"{self.prefix}{self.owner_id}/{self.id}.{self.ending}"

    @property
    def rest_key(self) -> str:
        return f"{self.prefix}{self.owner_id}/{self.id}.rest-{self.rest}"

    @property
    def kept_until(self) -> datetime:
        return self.made_at + timedelta(days=KEPT_DAYS)
