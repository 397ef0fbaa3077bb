"""What was shared with somebody who is signed in, gathered with as few calls as it takes."""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.errors import NotFound
from portal.domain.ids import is_id
from portal.domain.names import search_words, sort_key
from portal.domain.paging import Page
from portal.domain.people import Person
from portal.domain.shares import Recipient, Share
from portal.workflows.mail import link
from portal.workflows.services import Services

PAGE_ROWS = 30
# One page of a search looks through so many shares at most, a query of a hundred at a time.
SEARCHED_AT_ONCE = 100
SEARCHES = 5


@dataclass(frozen=True)
class Received:
    """One page of what somebody received, and what it was searched for."""

    page: Page[tuple[Share, Recipient]]
    search: str = ""


def received(person: Person, services: Services, cursor: str | None = None, search: str = "") -> Received:
    """What was shared with a signed-in person's address, once the provider has verified that it is theirs."""
    if not person.address_verified:
        return Received(Page(()))
    asked = search_words(search)
    if not asked:
        return Received(services.shares.with_address(person.address, cursor, PAGE_ROWS))
    found: list[tuple[Share, Recipient]] = []
    for _ in range(SEARCHES):
        page = services.shares.with_address(person.address, cursor, SEARCHED_AT_ONCE)
        found += [each for each in page.items if all(word in words(each[0]) for word in asked)]
        cursor = page.next
        if cursor is None or len(found) >= PAGE_ROWS:
            break
    return Received(Page(tuple(found), cursor), search.strip())


def words(share: Share) -> str:
    """What a share can be found by: its sender, its files and their folders."""
    names = [f"{file.folder} {file.name}" for file in share.files]
    return sort_key(" ".join([share.owner_name, share.owner_address, *names]))


def received_link(person: Person, share_id: str, services: Services) -> str:
    """The link of a signed-in recipient to one share; nothing for anybody else."""
    found = services.shares.with_recipients(share_id) if is_id(share_id) and person.address_verified else None
    address = person.address.casefold()
    mine = [each for each in found[1] if each.address.casefold() == address] if found else []
    if not mine:
        raise NotFound()
    return link(mine[0], services)
