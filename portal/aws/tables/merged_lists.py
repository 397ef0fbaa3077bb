"""Lists that lie in several partitions, read as one: a query each, merged, with one cursor for all."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import merge
from typing import Any

from portal.aws.client.cursors import Cursors
from portal.aws.client.table import Table
from portal.aws.client.writes import Item
from portal.domain.paging import Page

SORTED_BY = {"by_time": "list_time", "by_name": "list_name"}


class MergedLists:
    def __init__(self, table: Table, cursors: Cursors) -> None:
        self.table = table
        self.cursors = cursors

    def query(
        self, lists: Sequence[str], index: str, cursor: str | None, limit: int, prefix: str = ""
    ) -> Page[Item]:
        """One page: by time the newest first, by name from the beginning, or those that begin with a prefix.

        Each list is asked for a whole page, since all of one may lie in it. The cursor says of each where it
        goes on; None for one that is at its end.
        """
        by, scope = SORTED_BY[index], f"merged/{lists}/{index}/{prefix}"
        opened = self.cursors.open(scope, cursor)
        starts: list[Any] = opened["starts"] if opened else [{}] * len(lists)
        found = [
            self.query_one(name, index, start, limit, prefix) if start is not None else ([], False)
            for name, start in zip(lists, starts, strict=True)
        ]
        falling = index == "by_time"
        rows = merge(*(items for items, _ in found), key=lambda item: str(item[by]), reverse=falling)
        taken = [item for item, _ in zip(rows, range(limit), strict=False)]
        ends = [
            end_of(items, taken, start, more=more) for (items, more), start in zip(found, starts, strict=True)
        ]
        keys = [key and {name: key[name] for name in ("pk", "sk", "list_pk", by)} for key in ends]
        last = {"starts": keys} if any(key is not None for key in keys) else None
        return Page(tuple(taken), self.cursors.seal(scope, last))

    def query_one(
        self, name: str, index: str, start: Item, limit: int, prefix: str
    ) -> tuple[list[Item], bool]:
        """A page of one list, and whether it goes on behind that."""
        condition, values = "#list_pk = :list", {"list": name}
        if prefix:
            condition, values = (
                f"{condition} AND begins_with(#list_name, :prefix)",
                values | {"prefix": prefix},
            )
        items, last = self.table.query(
            condition, index=index, descending=index == "by_time", limit=limit, start=start or None, **values
        )
        return items, last is not None


def end_of(items: list[Item], taken: list[Item], start: Any, *, more: bool) -> Any:
    """Where a list goes on: behind the last of it that was taken; None at its end."""
    mine = [item for item in items if item in taken]
    if len(mine) == len(items) and not more:
        return None
    return mine[-1] if mine else start
