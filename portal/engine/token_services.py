"""What lets programs in: access tokens, whose they are by now, and accounts that are for programs alone."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.people.access_tokens import AccessToken
from portal.domain.people.directory import Profile
from portal.domain.people.person import Person


class ServiceAccounts(Protocol):
    def make(self, account: Person, now: datetime, record: AuditRecord) -> bool:
        """False where one of this id is there already. Raises TooManyAccounts."""

    def list_all(self) -> list[Profile]:
        """By name."""


class AccessTokens(Protocol):
    def find(self, owner_id: str, token_id: str) -> tuple[AccessToken, Person] | None:
        """A token and whose it is, by one consistent call. None where there is none, or its owner is closing,
        disabled, or has ended everything that was given out until then (R10). Nothing here judges times.
        """

    def find_person(self, person_id: str, since: datetime) -> Person | None:
        """Someone who was here before, else None. Raises SignInNeeded where what was given out then ended."""

    def list_of(self, owner_id: str) -> list[AccessToken]:
        """Those that were not ended, the newest first."""

    def make(self, token: AccessToken, record: AuditRecord) -> bool:
        """False where one of this id is there already."""

    def revoke(self, token: AccessToken, record: AuditRecord) -> bool: ...
    def note_use(self, token: AccessToken, now: datetime) -> None: ...
