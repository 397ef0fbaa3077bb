"""Signed-in sessions: where they are kept, how long they live, and when their groups are read again (R6-R10).

A browser holds `<person id>.<secret>`; the store knows the secret's SHA-256 only: a copy of the table opens
nothing. Times are checked against the server's clock, never against a cookie or the table's own clean-up.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from portal.domain.people import Session

IDLE = timedelta(minutes=30)  # R9
ABSOLUTE = timedelta(hours=12)  # R9
# Activity is written down this often at most; a session so ends 25 to 30 minutes after the last request.
SEEN_EVERY = timedelta(minutes=5)
CHECK_EVERY = timedelta(minutes=15)  # R10: how old the groups may be
# R10: how long a session goes on with the groups it has when the provider cannot be asked.
CHECK_GRACE = timedelta(minutes=60)

COOKIE = re.compile(r"([0-9a-z]{26})\.([A-Za-z0-9_-]{43})")


class SessionStore(Protocol):
    """Sessions, kept under their person (`portal/aws/sessions.py`). `key` is what `Key.stored` gives.

    Raises Unavailable where the store cannot be reached: access decisions fail closed.
    """

    def get(self, person_id: str, key: str) -> Session | None:
        """The session, by one consistent call that also reads the person's state.

        None where there is none, or the person is closing, removed, or has ended all sessions since (R10).
        The store does not judge times; `sessions.py` does.
        """

    def create(self, key: str, session: Session) -> None: ...

    def touch(self, key: str, session: Session) -> bool:
        """Write seen_at, checked_at, person and refresh_token of a session that is still there.

        Conditional on its existence, so that a request under way never brings an ended session back (R10);
        False then.
        """

    def end(self, person_id: str, key: str) -> None: ...


class Key(NamedTuple):
    """What a browser shows: whose session, and the secret that proves it."""

    person_id: str
    secret: str

    @classmethod
    def new(cls, person_id: str) -> Key:
        return cls(person_id, secrets.token_urlsafe(32))

    @classmethod
    def parse(cls, cookie: str) -> Key | None:
        match = COOKIE.fullmatch(cookie)
        return cls(match[1], match[2]) if match else None

    @property
    def cookie(self) -> str:
        return f"{self.person_id}.{self.secret}"

    @property
    def stored(self) -> str:
        """The secret's SHA-256 in hexadecimal: 256 random bits need no slower hash."""
        return hashlib.sha256(self.secret.encode()).hexdigest()


def is_live(session: Session, now: datetime) -> bool:
    return now < session.expires_at and now - session.seen_at < IDLE


class Ended(Exception):
    """The provider, or the portal's own rules, say that this person has no business here any more."""


def find(
    store: SessionStore, key: Key, now: datetime, check: Callable[[Session, datetime], Session]
) -> Session | None:
    """The live session of a key, its person's groups at most `CHECK_EVERY` old; None where there is none.

    check: asks the provider again; raises Ended.
    """
    kept = store.get(key.person_id, key.stored)
    if kept is None:
        return None
    try:
        session = checked(store, key, kept, now, check)
    except Ended:
        store.end(key.person_id, key.stored)
        return None
    if session is kept and now - kept.seen_at < SEEN_EVERY:
        return kept
    session = replace(session, seen_at=max(now, kept.seen_at))
    return session if store.touch(key.stored, session) else None


def checked(
    store: SessionStore,
    key: Key,
    session: Session,
    now: datetime,
    check: Callable[[Session, datetime], Session],
) -> Session:
    """The session itself, or as the provider says it is by now. Raises Ended."""
    if not is_live(session, now):
        raise Ended
    if now - session.checked_at < CHECK_EVERY:
        return session
    try:
        return check(session, now)
    except Ended:
        # A request beside this one may have used a refresh token that works once; then its answer counts.
        again = store.get(key.person_id, key.stored)
        if again is None or now - again.checked_at >= CHECK_EVERY:
            raise
        return again
