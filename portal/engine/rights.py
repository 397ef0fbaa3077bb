"""What somebody may by now where nobody of flesh has just signed in: behind a token, an upload's key, a
webhook, or a draft that goes out by itself. One answer for all of them (R10).

What the directory says is at most 15 minutes old. Where the portal steers none, what the provider said at the
last sign-in counts until the next.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from portal.domain.errors import SignInNeeded
from portal.domain.people.directory import DirectoryAnswer, DirectoryUser
from portal.domain.people.permissions import MAX_GROUPS, Privilege, require_privilege
from portal.domain.people.person import Person
from portal.domain.people.second_factor import SecondFactorNeeded
from portal.domain.policy.limits import Limits
from portal.engine.owner_limits import resolve_limits
from portal.engine.services import Services

CHECK_EVERY = timedelta(minutes=15)  # how old the groups may be
MAX_KNOWN = 2000  # people of whom a process keeps what the directory said


def find_trusted(person_id: str, since: datetime, services: Services, needed: Privilege | None) -> Person:
    """Somebody in whose name something is done that they asked for at `since`, as they are now.

    Raises SignInNeeded, Forbidden and SecondFactorNeeded where they could not do it themselves, and
    Unavailable where nobody can say.
    """
    person = services.people.get_trusted(person_id, since)
    if person is None:
        raise SignInNeeded
    person = renew(person, services)
    require_second_factor(person, resolve_limits(person.groups, services), services)
    if needed:
        require_privilege(person, needed)
    return person


def renew(person: Person, services: Services, known_at: datetime | None = None) -> Person:
    """The person with the roles of now. known_at: when they were known to be these, if that is known. Those
    of a service account are kept by us, and so are the ones of now.

    Raises SignInNeeded where the directory has disabled or removed them, Forbidden where their groups let
    nobody in, and Unavailable where it does not answer: access decisions fail closed.
    """
    is_fresh = known_at is not None and services.clock() - known_at < CHECK_EVERY
    if person.is_service or is_fresh or not services.directory.is_there:
        return person
    user = ask_directory(person.subject, services)
    if user is None or not user.is_enabled:
        raise SignInNeeded
    names = sorted(user.groups or ())
    current = replace(person, roles=services.read_roles(names), groups=frozenset(names[:MAX_GROUPS]))
    if current.is_admin is not person.is_admin:
        services.people.keep_roles(current)
    return current


def ask_directory(subject: str, services: Services) -> DirectoryUser | None:
    answers, known = services.directory_answers, find_answer(subject, services)
    if known is None:
        if len(answers) >= MAX_KNOWN:
            answers.clear()
        known = answers[subject] = DirectoryAnswer(services.clock(), services.directory.get(subject))
    return known.user


def find_answer(subject: str, services: Services) -> DirectoryAnswer | None:
    """What the directory said, if that is not too long ago."""
    known = services.directory_answers.get(subject)
    return known if known and services.clock() - known.at < CHECK_EVERY else None


def require_second_factor(person: Person, limits: Limits, services: Services) -> None:
    """limits: those that count for this person."""
    if is_second_factor_required(limits, services) and not has_second_factor(person, services):
        raise SecondFactorNeeded


def is_second_factor_required(limits: Limits, services: Services) -> bool:
    """Where the portal steers no directory nobody is kept out: nobody could add one."""
    return limits.second_factor_required and services.directory.is_there


def has_second_factor(person: Person, services: Services) -> bool:
    """Asked of the directory again as long as there is none, so that whoever adds one goes on at once."""
    if person.is_service:  # nobody signs in with one, and the directory does not know it
        return True
    known = find_answer(person.subject, services)
    if known and known.user and known.user.has_second_factor:
        return True
    if not services.directory.has_second_factor(person.subject):
        return False
    if known and known.user:
        user = replace(known.user, has_second_factor=True)
        services.directory_answers[person.subject] = known._replace(user=user)
    return True
