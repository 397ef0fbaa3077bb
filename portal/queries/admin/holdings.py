"""Files and shares of everyone, as administrators look for them. Only what exists as a list is asked: a page
takes as many calls in a portal of ten million files as in one of ten.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.errors import NotFound
from portal.domain.files.file import File, FileState
from portal.domain.ids import is_id
from portal.domain.paging import Page
from portal.domain.people.permissions import Permission, require
from portal.domain.people.person import Person
from portal.domain.shares.share import Share, ShareState
from portal.engine.services import Services
from portal.queries.files import FileView, find_held, view_file
from portal.queries.rows import EVERYONE_ROWS

OWNERS = 6  # offered where what was typed fits several people


@dataclass(frozen=True)
class Wanted:
    """What someone looks for. name: what a name begins with, or an id; owner: a person's id, or how their
    name or address begins; recipient: an address; state: empty for what is neither deleted nor withdrawn.
    """

    name: str = ""
    owner: str = ""
    recipient: str = ""
    state: str = ""
    cursor: str | None = None


@dataclass(frozen=True)
class Owners:
    """Whom a search for an owner may mean. one: where it can only be this one."""

    asked: bool
    one: Person | None = None
    several: tuple[Person, ...] = ()


@dataclass(frozen=True)
class FoundFiles:
    files: Page[File]
    owners: Owners
    held: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FoundShares:
    shares: Page[Share]
    owners: Owners


def find_owners(text: str, services: Services) -> Owners:
    if not text:
        return Owners(asked=False)
    if is_id(text):
        return Owners(True, services.people.get(text))
    found = services.everyone.find_people(text, OWNERS)
    return Owners(True, found[0]) if len(found) == 1 else Owners(True, several=tuple(found))


def find_files(wanted: Wanted, services: Services) -> FoundFiles:
    """By an id the one; of an owner those with all words in their names; of everyone those whose names begin
    so. Where an owner is not one person yet there is nothing to show.
    """
    if is_id(wanted.name):
        file = services.files.find(wanted.name)
        page = Page((file,) if file else ())
        return FoundFiles(page, Owners(asked=False), find_held(page.items, services))
    owners, cursor = find_owners(wanted.owner, services), wanted.cursor
    state = FileState.TRASHED if wanted.state == FileState.TRASHED else FileState.READY
    if not owners.asked:
        page = services.everyone.list_files(state, wanted.name, cursor, EVERYONE_ROWS)
    elif owners.one is None:
        page = Page(())
    elif wanted.name:
        page = services.files.search(owners.one.id, wanted.name, cursor, EVERYONE_ROWS)
    else:
        page = services.files.page(owners.one.id, state, "uploaded", True, cursor, EVERYONE_ROWS)
    return FoundFiles(page, owners, find_held(page.items, services))


def find_shares(wanted: Wanted, services: Services) -> FoundShares:
    """By an id the one; else what an address received, what an owner sent, or of everyone those whose first
    file's name begins so. The first two lists have shares in every state.
    """
    if is_id(wanted.name):
        share = services.shares.get(wanted.name)
        return FoundShares(Page((share,) if share else ()), Owners(asked=False))
    cursor, no_owner = wanted.cursor, Owners(asked=False)
    if wanted.recipient:
        received = services.shares.list_for_address(wanted.recipient, cursor, EVERYONE_ROWS)
        shares = tuple(dict.fromkeys(share for share, _ in received.items))
        return FoundShares(Page(shares, received.next), no_owner)
    owners = find_owners(wanted.owner, services)
    if not owners.asked:
        state = ShareState.WITHDRAWN if wanted.state == ShareState.WITHDRAWN else ShareState.OPEN
        page = services.everyone.list_shares(state, wanted.name, cursor, EVERYONE_ROWS)
        return FoundShares(page, no_owner)
    if owners.one is None:
        return FoundShares(Page(()), owners)
    return FoundShares(services.shares.list_page(owners.one.id, cursor, EVERYONE_ROWS), owners)


def get_file_of_anyone(
    person: Person, file_id: str, services: Services, cursor: str | None = None
) -> FileView:
    """What a file's owner sees of it, for whoever may see it."""
    file = services.files.find(file_id)
    if file is None:
        raise NotFound()
    require(person, Permission.SEE_FILE, file.owner_id)
    return view_file(file, services, cursor, with_versions=False)
