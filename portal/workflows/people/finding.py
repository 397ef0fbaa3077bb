"""Someone as profile and directory know them together, for administrators."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from portal.domain.errors import NotFound
from portal.domain.ids import is_id
from portal.domain.people.directory import DirectoryUser, Profile, Standing
from portal.domain.people.person import Person, Role
from portal.engine.services import Services

SUBJECT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # as Cognito gives them: a UUID


@dataclass(frozen=True)
class Found:
    """Someone. standing: without a profile before they first sign in; user: None where no directory knows
    them.
    """

    person: Person
    standing: Standing
    user: DirectoryUser | None
    roles: frozenset[Role]

    @property
    def profile(self) -> Profile | None:
        return self.standing.profile

    @property
    def groups(self) -> frozenset[str]:
        """As the directory says them now; else as the last sign-in did."""
        return self.person.groups if self.user is None or self.user.groups is None else self.user.groups

    @property
    def is_disabled(self) -> bool:
        is_off_there = self.user is not None and not self.user.is_enabled
        return is_off_there or bool(self.profile and self.profile.disabled_at)

    @property
    def address_key(self) -> str:
        """What their pages are addressed by: there is no way from an id of ours to the directory."""
        return self.person.id if self.profile or not self.user else self.user.subject


def find_person(who: str, now: datetime, services: Services) -> Found:
    """By our id, or by the directory's subject. Raises NotFound."""
    standing = get_standing(who, now, services) if is_id(who) else Standing()
    subject = standing.profile.person.subject if standing.profile else who
    user = services.directory.get(subject) if services.directory.is_there and is_subject(subject) else None
    if user and not standing.profile:
        standing = get_standing(user.person_id, now, services)
    return make_found(standing, user, services)


def is_subject(text: str) -> bool:
    return SUBJECT.fullmatch(text) is not None


def get_standing(person_id: str, now: datetime, services: Services) -> Standing:
    return services.people_administration.get_standings([person_id], now)[person_id]


def make_found(standing: Standing, user: DirectoryUser | None, services: Services) -> Found:
    if standing.profile:
        person = standing.profile.person
    elif user:
        person = Person(user.person_id, user.subject, user.name, user.address, True)
    else:
        raise NotFound()
    return Found(person, standing, user, read_roles(user, person, services))


def read_roles(user: DirectoryUser | None, person: Person, services: Services) -> frozenset[Role]:
    """As the directory says them now; else as the last sign-in did."""
    if user is None or user.groups is None:
        return person.roles
    named = {role for role, group in services.directory.groups.items() if group in user.groups}
    return frozenset({Role.STAFF, *named})
