"""What workflows and queries are handed for the ends of files' lives: warnings, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.files.file import File
from portal.domain.files.lifetimes import UpcomingFile
from portal.domain.mail.notifications import Notification
from portal.domain.paging import Page


class FileEndings(Protocol):
    def warn(self, files: Sequence[File], notice: Notification | None) -> bool:
        """Note that the owner of these files is told of their end, with the email that does; at most 50 at
        once. From then on the schedule comes back at the end itself. False, and nothing is written, where one
        of them is not as it was read or was told of already.
        """

    def find_held(self, thing_ids: Sequence[str]) -> frozenset[str]:
        """Those of at most 100 files and people that are on legal hold."""

    def list_upcoming(self, until: datetime, cursor: str | None, limit: int) -> Page[UpcomingFile]:
        """What the schedule looks at until then, the first first. Runs behind what was written just now."""
