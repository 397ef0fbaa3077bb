"""People for administrators' pages: as the directory lists them, or those who have signed in where there is
none. A page takes four calls at most, however many people there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.domain.errors import NotFound
from portal.domain.paging import Page
from portal.domain.people.directory import DirectoryUser
from portal.domain.people.person import Person
from portal.domain.shares.share import Share
from portal.engine.services import Services
from portal.queries.rows import PAGE_ROWS
from portal.workflows.people.finding import Found, find_person, make_found

SHOWN_SHARES = 5


@dataclass(frozen=True)
class PeopleList:
    """steered: whether the portal steers the directory that people come from."""

    people: Page[Found]
    steered: bool


def list_people(
    now: datetime, services: Services, text: str = "", order: str = "", cursor: str | None = None
) -> PeopleList:
    """order: seen for those who signed in last; else as the directory lists them, or by name."""
    steered = services.directory.is_there
    if text:
        return PeopleList(Page(tuple(search_people(text, now, services)), None), steered)
    if steered and order != "seen":
        users = services.directory.list_page(cursor, PAGE_ROWS)
        return PeopleList(Page(tuple(join(users.items, (), now, services)), users.next), steered)
    profiles = services.people_administration.list_page(order or "name", cursor, PAGE_ROWS)
    ids = [each.person.id for each in profiles.items]
    return PeopleList(Page(tuple(join((), ids, now, services)), profiles.next), steered)


def search_people(text: str, now: datetime, services: Services) -> list[Found]:
    """Whose name or address begins with this. The directory knows those who have not signed in yet; it
    compares names with their case, and ours does not.
    """
    users = services.directory.search(text, PAGE_ROWS) if services.directory.is_there else []
    return join(users, services.everyone.find_person_ids(text, PAGE_ROWS), now, services)


def join(
    users: Sequence[DirectoryUser], person_ids: Sequence[str], now: datetime, services: Services
) -> list[Found]:
    """Each once: those of the directory, then those known by their id alone."""
    by_id = {each.person_id: each for each in users}
    ids = [*by_id, *(each for each in person_ids if each not in by_id)][:PAGE_ROWS]
    standings = services.people_administration.get_standings(ids, now)
    known = [each for each in ids if standings[each].profile or each in by_id]
    return [make_found(standings[each], by_id.get(each), services) for each in known]


def get_service_account(person_id: str, services: Services) -> Person:
    """Raises NotFound, for people too."""
    found = services.people.get(person_id)
    if found is None or not found.is_service:
        raise NotFound()
    return found


@dataclass(frozen=True)
class PersonView:
    found: Found
    shares: Page[Share]
    steered: bool


def get_person(who: str, now: datetime, services: Services) -> PersonView:
    found = find_person(who, now, services)
    shares = services.shares.list_page(found.person.id, None, SHOWN_SHARES)
    return PersonView(found, shares, services.directory.is_there)
