"""What someone may by now who comes without a session: as the directory says, at most 15 minutes old (R10).

A session asks the provider by its refresh token; behind an access token there is none. Where the portal
steers no directory, what the provider said at the last sign-in counts until the next.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple, cast

from flask import current_app

from portal.domain.errors import SignInNeeded
from portal.domain.people.directory import DirectoryUser
from portal.domain.people.permissions import read_roles
from portal.domain.people.person import Person
from portal.web.current import config, now, services
from portal.web.identity.claims import MAX_GROUPS
from portal.web.identity.sessions import CHECK_EVERY

MAX_KNOWN = 2000  # people of whom this process keeps what the directory said


class DirectoryAnswer(NamedTuple):
    at: datetime
    user: DirectoryUser | None


def renew(person: Person, known_at: datetime | None = None) -> Person:
    """The person with the roles of now. known_at: when they were known to be these, if that is known. Those
    of a service account are kept by us, and so are the ones of now.

    Raises SignInNeeded where the directory has disabled or removed them, Forbidden where their groups let
    nobody in, and Unavailable where it does not answer: access decisions fail closed.
    """
    is_fresh = known_at is not None and now() - known_at < CHECK_EVERY
    if person.is_service or is_fresh or not services().directory.is_there:
        return person
    user = ask_directory(person.subject)
    if user is None or not user.is_enabled:
        raise SignInNeeded
    names = sorted(user.groups or ())
    made = config()
    roles = read_roles(names, made.admin_group, made.staff_group, made.role_groups)
    current = replace(person, roles=roles, groups=frozenset(names[:MAX_GROUPS]))
    if current.is_admin is not person.is_admin:
        services().people.keep_roles(current)
    return current


def describe(subject: str) -> dict[str, object]:
    """The claims of someone who was never here, as the directory has them now. Raises SignInNeeded where they
    are not in it, or disabled.
    """
    user = services().directory.get(subject) if services().directory.is_there else None
    if user is None or not user.is_enabled:
        raise SignInNeeded
    return {"email": user.address, "name": user.name, "email_verified": user.is_address_verified or None}


def ask_directory(subject: str) -> DirectoryUser | None:
    answers = cast("dict[str, DirectoryAnswer]", current_app.extensions.setdefault("rights", {}))
    known = answers.get(subject)
    if known is None or now() - known.at >= CHECK_EVERY:
        if len(answers) >= MAX_KNOWN:
            answers.clear()
        known = answers[subject] = DirectoryAnswer(now(), services().directory.get(subject))
    return known.user
