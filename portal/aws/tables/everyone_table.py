"""What administrators find of everyone's: files, shares and people, by lists that are written with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.aws.client.admin_keys import (
    SHARDS,
    every_file_list,
    every_share_list,
    people_list,
    person_address_key,
    shard_of,
    share_title_key,
)
from portal.aws.client.codec import moment, unpack
from portal.aws.client.cursors import Cursors
from portal.aws.client.keys import file_key, profile_key, share_key
from portal.aws.client.table import Table
from portal.aws.client.writes import Item, Write, put, update
from portal.aws.tables.merged_lists import MergedLists
from portal.domain.files.file import File, FileState
from portal.domain.files.names import sort_key
from portal.domain.paging import Page
from portal.domain.people.person import Person
from portal.domain.shares.share import Share, ShareState

# With the id fewer than the 1,024 bytes that an index takes; NFKC makes up to 18 characters of one.
SORTED_CHARACTERS = 240


class Everyone:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.lists = MergedLists(table, cursors)

    def list_files(self, state: FileState, prefix: str, cursor: str | None, limit: int) -> Page[File]:
        """The lists run behind, so each file is shown as it is; one that is gone is left out."""
        lists = [every_file_list(state, shard) for shard in range(SHARDS)]
        page = self.query(lists, prefix, cursor, limit)
        keys = [file_key(str(item["sk"])) for item in page.items]
        found = self.table.get_many(keys)
        return Page(tuple(unpack(File, found[key]) for key in keys if key in found), page.next)

    def list_shares(self, state: ShareState, prefix: str, cursor: str | None, limit: int) -> Page[Share]:
        lists = [every_share_list(state, shard) for shard in range(SHARDS)]
        page = self.query(lists, prefix, cursor, limit)
        keys = [share_key(str(item["share"])) for item in page.items]
        found = self.table.get_many(keys)
        return Page(tuple(unpack(Share, found[key]) for key in keys if key in found), page.next)

    def query(self, lists: Sequence[str], prefix: str, cursor: str | None, limit: int) -> Page[Item]:
        """Newest first; by name where it must begin with something."""
        index, begins = ("by_name", sort_key(prefix)) if prefix else ("by_time", "")
        return self.lists.query(lists, index, cursor, limit, begins[:SORTED_CHARACTERS])

    def find_people(self, text: str, limit: int) -> list[Person]:
        ids = self.find_person_ids(text, limit)
        found = self.table.get_many([profile_key(each) for each in ids])
        return [unpack(Person, found[profile_key(each)]) for each in ids if profile_key(each) in found]

    def find_person_ids(self, text: str, limit: int) -> list[str]:
        """Of those whose address or name begins with this, whichever it looks like."""
        order = "address" if "@" in text else "name"
        items, _ = self.table.query(
            "#list_pk = :list AND begins_with(#list_name, :prefix)", index="by_name", limit=limit,
            list=people_list(order), prefix=sort_key(text)[:SORTED_CHARACTERS],
        )  # fmt: skip
        return [str(item["pk"]).partition("#")[2] for item in items]


def file_entry(file: File) -> Item:
    """What puts a file's name into the list of everyone's."""
    return {
        "list_pk": every_file_list(file.state, shard_of(file.id)),
        "list_time": f"{moment(file.created_at)}#{file.id}",
        "list_name": f"{sort_key(file.name)[:SORTED_CHARACTERS]}#{file.id}",
    }


def share_title(share: Share) -> Item:
    """A share in the list of everyone's, by the name of its first file."""
    pk, sk = share_title_key(share.id)
    return {
        "pk": pk, "sk": sk, "share": share.id,
        "list_pk": every_share_list(share.state, shard_of(share.id)),
        "list_time": f"{moment(share.created_at)}#{share.id}",
        "list_name": f"{sort_key(share.first_files[0].name)[:SORTED_CHARACTERS]}#{share.id}",
    }  # fmt: skip


def retitle_withdrawn(share: Share) -> Write:
    """The title of a share that is withdrawn, in the list of those."""
    name = every_share_list(ShareState.WITHDRAWN, shard_of(share.id))
    return update(share_title_key(share.id), "SET #list_pk = :list", "attribute_exists(#pk)", list=name)


def profile_entry(person: Person, now: datetime) -> Item:
    """What puts a person's profile into the list of people, by name and by when they were last here."""
    return {
        "list_pk": people_list("name"), "list_time": f"{moment(now)}#{person.id}",
        "list_name": f"{sort_key(person.name)[:SORTED_CHARACTERS]}#{person.id}",
    }  # fmt: skip


def list_address(person: Person) -> Write:
    """The person in the list of people by address."""
    pk, sk = person_address_key(person.id)
    name = f"{sort_key(person.address)[:SORTED_CHARACTERS]}#{person.id}"
    return put({"pk": pk, "sk": sk, "list_pk": people_list("address"), "list_name": name})
