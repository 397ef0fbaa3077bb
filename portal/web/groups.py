"""Asking the identity provider again: is this person still one of ours, and in which groups (R10)?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

from flask import current_app

from portal.domain.errors import Forbidden, Unavailable
from portal.domain.people import Session
from portal.web.cookies import Seal
from portal.web.current import config
from portal.web.sessions import CHECK_GRACE, Ended

if TYPE_CHECKING:
    from portal.web.identity import Provider


def provider() -> Provider:
    """The identity provider's client, made when it is first needed: Authlib is dear to import."""
    if "identity" not in current_app.extensions:
        from portal.web.identity import Provider

        current_app.extensions["identity"] = Provider(config())
    return cast("Provider", current_app.extensions["identity"])


def refresh_seal() -> Seal:
    """Refresh tokens are sealed in the table: a copy of it must not sign anybody in."""
    return Seal(config().secret_keys, "refresh tokens")


def check_again(session: Session, now: datetime) -> Session:
    """The session with the name, address and groups its person has by now; raises Ended where they are gone.

    A provider that cannot be asked, or gave nothing to ask with, changes nothing for `CHECK_GRACE`; then
    the session ends.
    """
    try:
        token = refresh_seal().open(session.refresh_token) if session.refresh_token else None
        if token is None:
            raise Unavailable
        found = provider().check_again(token)
    except Forbidden as problem:
        raise Ended from problem
    except Unavailable as problem:
        if now - session.checked_at >= CHECK_GRACE:
            raise Ended from problem
        return session
    if found.person.id != session.person.id:
        raise Ended
    return replace(
        session, person=found.person, checked_at=now, refresh_token=refresh_seal().close(found.refresh_token)
    )
