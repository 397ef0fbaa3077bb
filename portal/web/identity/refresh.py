"""Asking the identity provider again: is this person still one of ours, and in which groups (R10)?"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from flask import current_app

from portal.domain.errors import Forbidden, Unavailable
from portal.domain.people.person import GroupsSource, Session
from portal.web.current import config, services
from portal.web.identity.claims import Identity
from portal.web.identity.cookies import Seal
from portal.web.identity.sessions import Ended, is_check_overdue

if TYPE_CHECKING:
    from portal.web.identity.identity import Provider

log = logging.getLogger(__name__)


def provider() -> Provider:
    """The identity provider's client, made when it is first needed: Authlib is dear to import."""
    if "identity" not in current_app.extensions:
        from portal.web.identity.identity import Provider

        current_app.extensions["identity"] = Provider(config(), services().clock)
    return cast("Provider", current_app.extensions["identity"])


def refresh_seal() -> Seal:
    """The provider's tokens are sealed in the table: a copy of it must not sign anyone in."""
    return Seal(config().secret_keys, "refresh tokens", services().clock)


def seal_session(token: str) -> str:
    return refresh_seal().close(token) if token else ""


def open_session(sealed_token: str) -> str:
    return (refresh_seal().open(sealed_token) or "") if sealed_token else ""


def check_again(session: Session, now: datetime) -> Session:
    """The session with the name, address and groups its person has by now; raises Ended where they are gone.

    A provider that cannot be asked changes nothing for `CHECK_GRACE`; then the session ends.
    """
    try:
        token = open_session(session.refresh_token)
        if not token:
            raise Unavailable
        known = Identity(session.person, token, open_session(session.id_token), session.groups_source)
        found = provider().check_again(known)
    except Forbidden as problem:
        raise Ended from problem
    except Unavailable as problem:
        if is_check_overdue(session, now):
            raise Ended from problem
        return session
    if not found.is_current and is_check_overdue(session, now):
        raise Ended
    return update_identity(session, found, now)


def update_identity(session: Session, found: Identity, now: datetime) -> Session:
    """The session with what the provider says by now; warns once where it stops saying the groups."""
    if found.groups_source is GroupsSource.UNCHANGED is not session.groups_source:
        log.warning("refreshes do not say the groups", extra={"person": session.person.id})
    if session.person.is_admin is not found.person.is_admin:
        services().people.keep_roles(found.person)
    return replace(
        session,
        person=found.person,
        checked_at=now if found.is_current else session.checked_at,
        refresh_token=seal_session(found.refresh_token),
        id_token=seal_session(found.id_token),
        groups_source=found.groups_source,
    )
