"""What the two tables keep about one person, list by list, as it is kept; what opens sessions and links is
left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from portal.aws.client.keys import (
    files_list,
    person_partition,
    received_list,
    share_key,
    share_partition,
    shares_list,
)
from portal.aws.client.piece_keys import PIECES
from portal.aws.client.table import Table
from portal.aws.client.writes import Item
from portal.aws.tables.shared_files import IN_PIECES
from portal.domain.files.file import FileState
from portal.domain.people.data_exports import Section
from portal.domain.people.person import Person

ROWS, SHARES = 250, 25  # read at a time
# How an item is found, which repeats what is in it, and what only the portal's own writes look at.
BOOKKEEPING = {
    "pk", "sk", "list_pk", "list_time", "list_name", "list_size", "due_kind", "due_at", "ttl", "write_id",
    "schema", "address_hash", "actor_id", "trust", "upload_id", "content_digest",
}  # fmt: skip
SECRETS = {
    "csrf_token", "refresh_token", "id_token", "enrolment", "password_hash", "generation", "key_id", "claim",
    "secret_hash", "secret", "old_secret",
}  # fmt: skip
OF_OTHERS = {"source_ip", "device"}
FILE_STATES = (FileState.READY, FileState.TRASHED, FileState.PENDING, FileState.REJECTED)


class Query(NamedTuple):
    """A list: its attribute and value, and the index that has it; empty for the table itself."""

    attribute: str
    value: str
    index_name: str = ""


class PersonalData:
    def __init__(self, table: Table, audit_table: Table) -> None:
        self.table = table
        self.audit_table = audit_table

    def read(self, section: Section, person: Person, cursor: str) -> tuple[list[Mapping[str, Any]], str]:
        queries = list_queries(section, person)
        place, start = json.loads(cursor) if cursor else (0, None)
        if place >= len(queries):
            return [], ""
        query, is_audit = queries[place], section in {Section.ACTIVITY, Section.ABOUT}
        items, last = (self.audit_table if is_audit else self.table).query(
            f"#{query.attribute} = :value", index=query.index_name, start=start, value=query.value,
            limit=SHARES if section is Section.SHARES else ROWS,
        )  # fmt: skip
        rows = [row for item in items for row in self.describe(section, item, person)]
        after = (place, last) if last else (place + 1, None)
        return rows, json.dumps(after) if last or after[0] < len(queries) else ""

    def describe(self, section: Section, item: Item, person: Person) -> list[Mapping[str, Any]]:
        if section is Section.ACCOUNT:
            return [{"kind": item["sk"].partition("#")[0].lower(), **clean(item)}]
        if section is Section.SHARES:
            share_id, own = str(item["id"]), clean(item, {"first_files"})
            files = [*item["first_files"], *self.list_more_files(share_id)]
            return [{**own, "files": make_plain(files), "recipients": self.list_recipients(share_id)}]
        if section is Section.ABOUT:
            actor = item.get("actor", {})
            own = actor.get("id") == person.id
            return [] if own else [{**clean(item), "actor": clean(actor, OF_OTHERS)}]
        if section is Section.RECEIVED and "share" not in item:
            share = self.table.get(share_key(str(item["share_id"])))
            return [clean({**item, "share": leave_out_others(share)})] if share else []
        return [clean(item)]

    def list_more_files(self, share_id: str) -> Iterator[Mapping[str, Any]]:
        found = self.table.query_all(IN_PIECES, share=share_partition(share_id), pieces=PIECES, rows=25)
        return (file for piece in found for file in piece["files"])

    def list_recipients(self, share_id: str) -> list[Mapping[str, Any]]:
        found = self.table.query_all(
            "#pk = :share AND begins_with(#sk, :recipient)", share=share_partition(share_id),
            recipient="RECIPIENT#",
        )  # fmt: skip
        return [clean(each, {"share"}) for each in found]


# What a share knows of its recipients.
OF_OTHERS = {"addresses", "askers", "complete", "gone"}


def leave_out_others(share: Item) -> Item:
    """A share as a recipient of it may know it."""
    return {name: value for name, value in share.items() if name not in OF_OTHERS}


def list_queries(section: Section, person: Person) -> Sequence[Query]:
    match section:
        case Section.ACCOUNT:
            return [Query("pk", person_partition(person.id))]
        case Section.FILES:
            return [Query("list_pk", files_list(person.id, state), "by_time") for state in FILE_STATES]
        case Section.SHARES:
            return [Query("list_pk", shares_list(person.id), "by_time")]
        case Section.RECEIVED:
            known = person.address and person.address_verified
            return [Query("list_pk", received_list(person.address), "by_time")] if known else []
        case Section.ACTIVITY:
            return [Query("actor_id", person.id, "by_actor")]
        case Section.ABOUT:
            return [Query("about", person.id, "by_thing")]


def clean(item: Mapping[str, Any], more: set[str] | frozenset[str] = frozenset()) -> dict[str, Any]:
    """An item, or what is in one, without what is no information about anybody, or opens something."""
    left_out = BOOKKEEPING | SECRETS | more
    return {name: make_plain(value) for name, value in item.items() if name not in left_out}


def make_plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return clean(value)
    if isinstance(value, (set, frozenset)):
        return sorted(map(make_plain, value), key=str)
    if isinstance(value, (list, tuple)):
        return [make_plain(each) for each in value]
    return value
