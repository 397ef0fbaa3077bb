"""Signed-in sessions: where they are kept, how long they live, and when their groups are read again (R6-R10).

A browser holds `<person id>.<secret>`; the store knows the secret's SHA-256 only: a copy of the table opens
nothing. Times are checked against the server's clock, never against a cookie or the table's own clean-up.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.domain.errors import Unavailable
from portal.domain.people.beside import NOTHING, Beside
from portal.domain.people.person import Session
from portal.engine.rights import CHECK_EVERY
from portal.engine.session_services import SessionStore

IDLE = timedelta(minutes=30)  # R9
ABSOLUTE = timedelta(hours=12)  # R9
# Activity is written down this often at most; a session so ends 25 to 30 minutes after the last request.
SEEN_EVERY = timedelta(minutes=5)
# R85: so long one request may take to ask the provider. Longer than any request lasts, so that no second one
# sends a refresh token that the first has used up.
CLAIM = timedelta(seconds=30)
# R10: how long a session goes on with the groups it has when the provider cannot be asked.
CHECK_GRACE = timedelta(minutes=60)

COOKIE = re.compile(r"([0-9a-z]{26})\.([A-Za-z0-9_-]{43})")


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
    def secret_hash(self) -> str:
        """The secret's SHA-256 in hexadecimal: 256 random bits need no slower hash."""
        return hashlib.sha256(self.secret.encode()).hexdigest()


def is_live(session: Session, now: datetime) -> bool:
    return now < session.expires_at and now - session.seen_at < IDLE


class Ended(Exception):
    """The provider, or the portal's own rules, say that this person has no business here any more."""


def find(
    store: SessionStore, key: Key, now: datetime, check: Callable[[Session, datetime], Session],
    beside: Mapping[Beside, str] = NOTHING,
) -> Session | None:  # fmt: skip
    """The live session of a key; None where there is none. Where it has a refresh token, its person's groups
    are at most `CHECK_EVERY` old.

    check: asks the provider again; raises Ended. beside: what else the request is going to read.
    """
    kept = store.get(key.person_id, key.secret_hash, beside)
    if kept is None:
        return None
    try:
        session = check_session(store, key, kept, now, check)
    except Ended:
        store.end(key.person_id, key.secret_hash)
        return None
    if session is not kept or now - kept.seen_at < SEEN_EVERY:
        return session
    session = replace(session, seen_at=max(now, kept.seen_at))
    try:
        return session if store.touch(key.secret_hash, session) else None
    except Unavailable:
        return kept  # whose session it is was read; that they were here is noted next time


def check_session(
    store: SessionStore,
    key: Key,
    session: Session,
    now: datetime,
    check: Callable[[Session, datetime], Session],
) -> Session | None:
    """The session itself, or as the provider says it is by now. Raises Ended.

    One request at a time asks: a refresh token may work once. The others go on with what is known (R85).
    """
    if not is_live(session, now):
        raise Ended
    if not session.refresh_token or not is_check_due(session, now):
        return session
    claim = secrets.token_urlsafe(12)
    try:
        if not store.claim_check(key.secret_hash, session, claim, now, now + CLAIM):
            return store.get(key.person_id, key.secret_hash)
    except Unavailable:
        return session_within_grace(session, now)
    renewed = ask_again(store, key, session, now, check)
    if renewed is session:
        return session  # the claim stays, so that a provider that is silent is not asked by every request
    renewed = replace(renewed, seen_at=max(now, session.seen_at))
    if store.renew(key.secret_hash, renewed, claim):
        return renewed
    return store.get(key.person_id, key.secret_hash)


def ask_again(
    store: SessionStore,
    key: Key,
    session: Session,
    now: datetime,
    check: Callable[[Session, datetime], Session],
) -> Session:
    try:
        return check(session, now)
    except Ended:
        again = store.get(key.person_id, key.secret_hash)
        if again is None or again.refresh_token == session.refresh_token:
            raise
        return again  # another request was quicker after all, and its answer counts


def session_within_grace(session: Session, now: datetime) -> Session:
    if is_check_overdue(session, now):
        raise Unavailable
    return session


def is_check_due(session: Session, now: datetime) -> bool:
    return now - session.checked_at >= CHECK_EVERY


def is_check_overdue(session: Session, now: datetime) -> bool:
    return now - session.checked_at >= CHECK_GRACE
