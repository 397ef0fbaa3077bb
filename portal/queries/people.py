"""What someone has stored, and where they are signed in."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from portal.domain.mail.notifications import NotificationKind
from portal.domain.people.access_tokens import AccessToken
from portal.domain.people.directory import DirectoryUser
from portal.domain.people.person import Person, Session, Usage
from portal.engine.services import Services
from portal.workflows.people.account import make_session_id

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class OwnSession:
    """A browser that is signed in. id: what the page calls it; is_this: the one that asks."""

    id: str
    session: Session
    is_this: bool


@dataclass(frozen=True)
class Account:
    """user: as the directory knows them; steered: whether there is a directory that can be asked."""

    usage: Usage
    mails_off: frozenset[NotificationKind] = frozenset()
    sessions: tuple[OwnSession, ...] = ()
    user: DirectoryUser | None = None
    steered: bool = False


def get_account(person: Person, key: str, now: datetime, services: Services) -> Account:
    """What someone has stored, which the page says before an account is deleted, and where they are signed
    in; key: of the session that asks.
    """
    sessions = services.people_administration.list_sessions(person.id)
    return Account(
        services.people.get_usage(person.id),
        services.people.get_mails_off(person.id),
        tuple(
            OwnSession(make_session_id(each), session, each == key)
            for each, session in sessions
            if session.expires_at > now
        ),
        find_user(person, services),
        services.directory.is_there,
    )


def list_access_tokens(person: Person, services: Services) -> list[AccessToken]:
    """One's own, the newest first; also those that expired lately."""
    return services.access_tokens.list_of(person.id)


def find_user(person: Person, services: Services) -> DirectoryUser | None:
    """As the directory knows them; None also where it does not answer, which keeps nobody from their page."""
    if not services.directory.is_there:
        return None
    try:
        return services.directory.get(person.subject)
    except Exception as problem:
        log.warning("directory not asked", extra={"error": type(problem).__name__})
        return None
