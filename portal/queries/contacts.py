"""Whom someone shares with: their groups, the addresses they used, and what is suggested."""

from __future__ import annotations

from portal.domain.contacts.recipient_groups import Group
from portal.domain.contacts.suggestions import LEAST_CHARACTERS, KnownAddress, find_matches
from portal.domain.errors import NotFound
from portal.domain.people.permissions import Permission, require
from portal.domain.people.person import Person
from portal.domain.shares.share import RecipientState
from portal.engine.services import Services

SHOWN_ROWS = 100
KNOWN_ROWS = 1000  # addresses used last that suggestions are made from: below a query's megabyte (R62)


def list_groups(person: Person, services: Services) -> list[Group]:
    """One's own recipient groups, by name."""
    return services.groups.list_of(person.id)


def list_recipient_addresses(person: Person, share_id: str, services: Services) -> list[str]:
    """The addresses of one's own share that were not withdrawn: what to make a group of."""
    found = services.shares.get_with_recipients(share_id)
    if found is None:
        raise NotFound()
    require(person, Permission.OWN, found[0].owner_id)
    return [each.address for each in found[1] if each.state is RecipientState.OPEN]


def get_group(person: Person, group_id: str, services: Services) -> Group:
    found = services.groups.get(person.id, group_id)
    if found is None:
        raise NotFound()
    return found


def list_known_addresses(person: Person, services: Services) -> list[KnownAddress]:
    """Whom one shared with last, newest first."""
    return services.known.list_newest(person.id, SHOWN_ROWS)


def suggest_recipients(
    person: Person, typed: str, services: Services
) -> tuple[list[Group], list[KnownAddress]]:
    """Whom someone may mean by what they typed: of their own groups and the people they shared with last."""
    if len(typed.strip()) < LEAST_CHARACTERS:
        return [], []
    known = services.known.list_newest(person.id, KNOWN_ROWS)
    return find_matches(typed, known, services.groups.list_of(person.id))
