"""Finding someone's files by their names: a small item for each file, read from the newest to the oldest.

An index of words finds only how words begin, costs a write for each of them, and has none in scripts without
blanks. Names are short: one query reads those of about 7,000 files, and finds letters wherever they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.aws.client.keys import file_name_key, file_names_partition
from portal.aws.client.table import Table
from portal.aws.client.writes import Item, Write, update
from portal.aws.tables.everyone_table import file_entry
from portal.domain.files.file import File
from portal.domain.files.names import search_text

NAMES_AT_ONCE = 10_000  # more than a query's megabyte holds
QUERIES = 5  # for one page of what is found, in lists of very many files


def name_item(file: File) -> Item:
    pk, sk = file_name_key(file)
    return {"pk": pk, "sk": sk, "text": search_text(f"{file.folder}/{file.name}"), **file_entry(file)}


def move_name(file: File) -> Write:
    """The name of a file in the list of the state it now has."""
    name = file_entry(file)["list_pk"]
    return update(file_name_key(file), "SET #list_pk = :list", "attribute_exists(#pk)", list=name)


def find_files(
    table: Table, owner_id: str, words: Sequence[str], start: Item | None, limit: int
) -> tuple[list[str], Item | None]:
    """The ids of at most `limit` files with all of these words in their name or folder, newest first, and
    where to go on.
    """
    having = {f"word{number}": word for number, word in enumerate(words)}
    found: list[Item] = []
    for _ in range(QUERIES):
        items, start = table.query(
            "#pk = :names",
            names=file_names_partition(owner_id),
            descending=True,
            limit=NAMES_AT_ONCE,
            start=start,
            only=" AND ".join(f"contains(#text, :{name})" for name in having),
            **having,
        )
        found += items
        if start is None or len(found) >= limit:
            break
    if len(found) > limit:
        start = key_of(found[limit - 1])
    return [str(item["sk"]) for item in found[:limit]], start


def key_of(item: Item) -> dict[str, Any]:
    return {name: item[name] for name in ("pk", "sk")}
