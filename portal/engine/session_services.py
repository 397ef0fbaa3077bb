"""What signing in is handed: the store of sessions, as an interface."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from portal.domain.people.beside import NOTHING, Beside
from portal.domain.people.person import Session


class SessionStore(Protocol):
    """Sessions, kept under their person (`portal/aws/tables/sessions.py`). `key` is `Key.secret_hash`
    (`portal/web/identity/sessions.py`).

    Raises Unavailable where the store cannot be reached: access decisions fail closed.
    """

    def get(self, person_id: str, key: str, beside: Mapping[Beside, str] = NOTHING) -> Session | None:
        """The session, by one consistent call that also reads the person's state and what is asked for
        beside it (with its id, where it has one), so that its own store makes no call for it in this request.

        None where there is none, or the person is closing, removed, or has ended all sessions since (R10).
        The store does not judge times.
        """

    def create(self, key: str, session: Session) -> None: ...

    def touch(self, key: str, session: Session) -> bool:
        """Write seen_at of a session that is still there.

        Conditional on its existence, so that a request under way never brings an ended session back (R10);
        False then.
        """

    def claim_check(self, key: str, session: Session, claim: str, now: datetime, until: datetime) -> bool:
        """Take it upon this request to ask the provider again; False where another has, or has done so since
        this session was read. A claim that is not followed by `renew` holds until then.
        """

    def renew(self, key: str, session: Session, claim: str) -> bool:
        """Write what the claim was for: seen_at, checked_at, person and tokens. False where the session has
        ended, or the claim is another's by now.
        """

    def keep_form(self, key: str, page: str, sealed: str, until: datetime) -> None:
        """Keep what a browser had typed on a page; what it kept there before is replaced."""

    def get_form(self, key: str, page: str, now: datetime) -> str | None:
        """What is kept there, until its time is over."""

    def forget_form(self, key: str, page: str) -> None: ...

    def note_second_factor(self, key: str, session: Session) -> None:
        """That the directory knows one; conditional as `touch` is."""

    def keep_enrolment(self, person_id: str, key: str, sealed: str, until: datetime) -> None:
        """Keep what one of their sessions adds a second factor with; what it kept before is replaced."""

    def get_enrolment(self, person_id: str, key: str, now: datetime) -> str | None: ...
    def forget_enrolment(self, person_id: str, key: str) -> None: ...
    def end(self, person_id: str, key: str) -> None: ...
