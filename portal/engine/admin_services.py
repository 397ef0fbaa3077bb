"""What administrators' pages and workflows are handed for everyone's files, shares and people."""

from __future__ import annotations

from typing import Protocol

from portal.domain.files.file import File, FileState
from portal.domain.paging import Page
from portal.domain.people.person import Person
from portal.domain.shares.share import Share, ShareState


class Everyone(Protocol):
    """Lists of everyone's things: to find them, and no ground for any decision."""

    def list_files(self, state: FileState, prefix: str, cursor: str | None, limit: int) -> Page[File]:
        """Files in a state, newest first; with a prefix those whose name begins so, by name."""

    def list_shares(self, state: ShareState, prefix: str, cursor: str | None, limit: int) -> Page[Share]:
        """Shares in a state, in the same orders; the name is that of their first file."""

    def find_people(self, text: str, limit: int) -> list[Person]:
        """People whose name, or address where it has an @, begins with this."""

    def find_person_ids(self, text: str, limit: int) -> list[str]:
        """The same, by their ids alone."""
