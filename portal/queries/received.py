"""What was shared with someone who is signed in, gathered with as few calls as it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.errors import NotFound
from portal.domain.files.names import search_text, search_words
from portal.domain.links.availability import Offer, offer
from portal.domain.links.proofs import is_recipient
from portal.domain.paging import Page
from portal.domain.people.person import Person
from portal.domain.shares.share import Recipient, Share
from portal.engine.services import Services
from portal.workflows.mail.mail_jobs import make_link

PAGE_ROWS = 30
# One page of a search looks through so many shares at most, a query of a hundred at a time.
SEARCHED_AT_ONCE = 100
SEARCHES = 5


@dataclass(frozen=True)
class Received:
    """One page of what someone received, what they can still get of it, and what it was searched for."""

    page: Page[Offer]
    search: str = ""


def list_received(
    person: Person, services: Services, cursor: str | None = None, search: str = ""
) -> Received:
    """What was shared with a signed-in person's address, once the provider has verified that it is theirs."""
    if not person.address_verified:
        return Received(Page(()))
    asked = search_words(search)
    if not asked:
        page = services.shares.list_for_address(person.address, cursor, PAGE_ROWS)
        return Received(Page(tuple(list_offers(page.items, services)), page.next))
    found: list[tuple[Share, Recipient]] = []
    for _ in range(SEARCHES):
        page = services.shares.list_for_address(person.address, cursor, SEARCHED_AT_ONCE)
        found += [each for each in page.items if all(word in words(each[0]) for word in asked)]
        cursor = page.next
        if cursor is None or len(found) >= PAGE_ROWS:
            break
    return Received(Page(tuple(list_offers(found, services)), cursor), search.strip())


def list_offers(pairs: Sequence[tuple[Share, Recipient]], services: Services) -> list[Offer]:
    files, now = services.files.get_of_shares([share for share, _ in pairs]), services.clock()
    return [offer(share, recipient, files, now) for share, recipient in pairs]


def words(share: Share) -> str:
    """What a share can be found by: its sender, its files and their folders."""
    names = [f"{file.folder} {file.name}" for file in share.first_files]
    return search_text(" ".join([share.owner_name, share.owner_address, *names]))


def find_received_share(
    person: Person, services: Services, *, file_id: str = "", file_name: str = ""
) -> tuple[str, str]:
    """The newest share with a person that gives them a file of this id or name: the ids of both. Looks
    through so many shares as one page of a search does; raises NotFound.
    """
    cursor, over = None, None
    for _ in range(SEARCHES if person.address_verified else 0):
        page = services.shares.list_for_address(person.address, cursor, SEARCHED_AT_ONCE)
        fitting = [each for each in page.items if find_in_share(each[0], file_id, file_name)]
        for each in list_offers(fitting[:PAGE_ROWS], services):
            found = find_in_share(each.share, file_id, file_name)
            if each.closed is None and each.for_file(found).closed is None:
                return each.share.id, found
            over = over or (each.share.id, found)
        cursor = page.next
        if cursor is None:
            break
    if over is None:
        raise NotFound()
    return over


def find_in_share(share: Share, file_id: str, file_name: str) -> str:
    """The id of the file in it that has this id, or else this name; empty for none."""
    return next((each.id for each in share.first_files if file_name == each.name or file_id == each.id), "")


def make_received_link(person: Person, share_id: str, services: Services) -> str:
    """The link of a signed-in recipient to one share; nothing for anyone else."""
    found = services.shares.get_with_recipients(share_id)
    mine = [each for each in found[1] if is_recipient(person, each)] if found else []
    if not mine:
        raise NotFound()
    return make_link(mine[0], services)
