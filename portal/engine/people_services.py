"""What is done with people is handed these: profiles, administrators and the provider's directory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.mail.notifications import NotificationKind
from portal.domain.paging import Page
from portal.domain.people.administrators import Leaving
from portal.domain.people.data_exports import Section
from portal.domain.people.directory import DirectoryUser, InviteResult, Profile, Standing
from portal.domain.people.person import Person, Role, Session, Totals, Usage


class People(Protocol):
    def record_visit(self, person: Person, now: datetime, record: AuditRecord) -> None:
        """Keep who signed in. Raises Forbidden where an administrator has disabled them."""

    def keep_roles(self, person: Person) -> None:
        """Keep what the provider says by now that someone is."""

    def get(self, person_id: str) -> Person | None: ...
    def get_profile(self, person_id: str) -> Profile | None: ...
    def get_names(self, person_ids: Sequence[str]) -> dict[str, str]:
        """The names of those who are there, by id."""

    def get_many(self, person_ids: Sequence[str]) -> dict[str, Person]: ...
    def get_usage(self, person_id: str) -> Usage: ...
    def get_totals(self) -> Totals: ...
    def end_sessions(self, person: Person, now: datetime) -> int:
        """End every session of ours, and the keys of uploads; the identity provider's too where it can."""

    def get_trusted(self, person_id: str, since: datetime) -> Person | None:
        """The person, where what was given to them then still counts: they are there, neither disabled nor
        closing, and have not signed out everywhere since.
        """

    def close(
        self, person: Person, now: datetime, record: AuditRecord, leaving: Leaving | None = None
    ) -> None:
        """Mark the account as closing; the schedule finishes what one request cannot (R61). leaving: where
        they are an administrator. Raises Conflict where the administrators are not as they were read.
        """

    def get_mails_off(self, person_id: str) -> frozenset[NotificationKind]: ...
    def switch_mails(
        self, person_id: str, off: frozenset[NotificationKind], record: AuditRecord, *, keep: bool
    ) -> bool:
        """Switch kinds of email off; those off already stay so where `keep`. False where nobody is there."""

    def put_off_removal(self, person: Person, until: datetime) -> None:
        """Let the schedule come back to a closing account then: something of it is held."""

    def mark_removed(self, person: Person, now: datetime) -> bool:
        """From here on the account and what is kept under it go for good; False where they are gone. Raises
        Held.
        """

    def list_closing(self, limit: int) -> list[Person]: ...
    def list_all_closing(self) -> Iterator[Person]: ...
    def remove(self, person: Person, record: AuditRecord) -> None: ...


class PeopleAdministration(Protocol):
    """What administrators do with someone's profile; each is one transaction with its record. All raise
    Conflict where the administrators are not as they were read.
    """

    def list_administrators(self) -> frozenset[str]:
        """The ids of the people who are administrators as far as the portal knows, consistently read."""

    def disable(self, person_id: str, now: datetime, record: AuditRecord, leaving: Leaving | None) -> bool:
        """From now on no session, key or transaction of theirs counts; False where they have no profile."""

    def enable(self, person: Person, record: AuditRecord) -> bool: ...
    def set_roles(
        self,
        person_id: str,
        roles: frozenset[Role],
        now: datetime,
        record: AuditRecord,
        leaving: Leaving | None,
    ) -> bool:
        """Keep what they are from now on, and end what was given out before; False without a profile."""

    def set_quota(
        self, person_id: str, max_bytes: int | None, max_files: int | None, record: AuditRecord
    ) -> None: ...

    def list_page(self, order: str, cursor: str | None, limit: int) -> Page[Profile]:
        """Those who have signed in; order is seen (last first) or name."""

    def get_standings(self, person_ids: Sequence[str], now: datetime) -> Mapping[str, Standing]:
        """Of up to 33 people, by id, in one call."""

    def list_sessions(self, person_id: str) -> list[tuple[str, Session]]:
        """Someone's sessions that have not expired, each with its key, the last used first."""

    def end_session(self, person_id: str, key: str) -> None: ...


class Directory(Protocol):
    """The identity provider's directory. Raises Unavailable, and the refusals of domain/people/directory.py;
    NotFound for someone whom it does not know.
    """

    @property
    def is_there(self) -> bool:
        """Whether the portal steers it; where not, nothing else may be asked."""

    @property
    def groups(self) -> Mapping[Role, str]:
        """The groups that give roles."""

    def list_page(self, cursor: str | None, limit: int) -> Page[DirectoryUser]: ...
    def search(self, text: str, limit: int) -> list[DirectoryUser]:
        """Those whose name or address begins with the text."""

    def get(self, subject: str) -> DirectoryUser | None:
        """Someone with their groups and whether they have a second factor."""

    def has_second_factor(self, subject: str) -> bool:
        """By one call; False for someone who is not there."""

    def list_members(self, group: str) -> frozenset[str]:
        """The ids of the people in a group who are enabled; of a large group the first 300."""

    def has_address(self, address: str) -> bool: ...
    def invite(self, address: str, name: str) -> InviteResult: ...
    def invite_again(self, subject: str) -> None: ...
    def reset_password(self, subject: str) -> None: ...
    def reset_second_factor(self, subject: str) -> None: ...
    def begin_second_factor(self, access_token: str) -> str:
        """The secret of a new authenticator app of whose access token it is. Raises EnrolmentOver."""

    def check_code(self, access_token: str, code: str) -> None:
        """Raises WrongCode where the app does not have that secret, and EnrolmentOver."""

    def ask_for_codes(self, access_token: str) -> None:
        """From now on every sign-in asks for the app's code. Raises EnrolmentOver."""

    def disable(self, subject: str) -> None: ...
    def enable(self, subject: str) -> None: ...
    def delete(self, subject: str) -> None: ...
    def change_groups(self, subject: str, add: frozenset[str], remove: frozenset[str]) -> None: ...


class PersonalData(Protocol):
    """What is kept about one person, as it is kept, without what opens sessions and links."""

    def read(self, section: Section, person: Person, cursor: str) -> tuple[list[Mapping[str, Any]], str]:
        """The next rows from a cursor on, and the cursor behind them; empty at the beginning and the end."""
