"""Whom someone shares with: their groups, the addresses they used, and what is suggested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.contacts.recipient_groups import ORGANISATION, Group
from portal.domain.contacts.suggestions import LEAST_CHARACTERS, KnownAddress, find_matches
from portal.domain.errors import NotFound
from portal.domain.paging import Page
from portal.domain.people.permissions import Permission, may, require
from portal.domain.people.person import Person
from portal.domain.shares.share import RecipientState
from portal.engine.services import Services

SHOWN_ROWS = 100
GROUP_ROWS = 15  # below 60 kB with names as long as they get
KNOWN_ROWS = 1000  # addresses used last that suggestions are made from: below a query's megabyte (R62)


@dataclass(frozen=True)
class GroupList:
    """A page of groups, and how many there are."""

    page: Page[Group]
    total: int


def cut_page(groups: Sequence[Group], after: str | None) -> GroupList:
    """Of all groups of an owner, which come in one read, those behind the one with this id."""
    ids = [each.id for each in groups]
    start = ids.index(after) + 1 if after in ids else 0
    shown = tuple(groups[start : start + GROUP_ROWS])
    is_last = start + GROUP_ROWS >= len(groups)
    return GroupList(Page(shown, None if is_last else shown[-1].id), len(groups))


def list_groups(person: Person, services: Services) -> list[Group]:
    """One's own recipient groups, by name."""
    return services.groups.list_of(person.id)


def list_organisation_groups(services: Services) -> list[Group]:
    """The groups of everyone, by name; only whoever may share comes to a page that asks."""
    return services.groups.list_of(ORGANISATION)


def list_recipient_addresses(person: Person, share_id: str, services: Services) -> list[str]:
    """The addresses of one's own share that were not withdrawn: what to make a group of."""
    found = services.shares.get_with_recipients(share_id)
    if found is None:
        raise NotFound()
    require(person, Permission.OWN, found[0].owner_id)
    return [each.address for each in found[1] if each.state is RecipientState.OPEN]


@dataclass(frozen=True)
class GroupView:
    """A group of the organisation as someone sees it. keepers: those who are still there."""

    group: Group
    keepers: tuple[Person, ...]
    may_change: bool


def get_organisation_group(person: Person, group_id: str, services: Services) -> GroupView:
    group = services.groups.get(ORGANISATION, group_id)
    if group is None:
        raise NotFound()
    known = services.people.get_many(group.keepers) if group.keepers else {}
    keepers = tuple(known[each] for each in group.keepers if each in known)
    return GroupView(group, keepers, may(person, Permission.CHANGE_GROUP, keepers=group.keepers))


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
    """Whom someone may mean by what they typed: of their own groups, the organisation's, and the people they
    shared with last.
    """
    if len(typed.strip()) < LEAST_CHARACTERS:
        return [], []
    known = services.known.list_newest(person.id, KNOWN_ROWS)
    groups = [*services.groups.list_of(person.id), *list_organisation_groups(services)]
    return find_matches(typed, known, groups)
