"""Conditional writes, before they are sent: what each does, on what condition, and why it fails.

Expressions are written with `#name` for an attribute and `:name` for a value; the names are collected from
the text. Source: the DynamoDB API reference, TransactWriteItems.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

from portal.aws.client.wire import to_wire
from portal.domain.errors import Refusal

R = TypeVar("R", bound=StrEnum)
Item = dict[str, Any]
Key = tuple[str, str]
NAMES = re.compile(r"#(\w+)")
STAMP = "write_id"  # of the write that an item met last, where it came by itself
SCHEMA = "schema"  # the version of docs/data-model.md that an item is written by
SCHEMA_VERSION = 1


class TableId(StrEnum):
    """The portal's tables. One transaction may write into both."""

    MAIN = "main"
    AUDIT = "audit"


class ConditionFailed(Exception):
    """A write's condition did not hold. places: of those writes in the transaction; reasons: what those of
    them that say so fail as, in order; stamp: of the item that a write by itself met.
    """

    def __init__(self, places: Sequence[int], stamp: str = "", reasons: Sequence[str] = ()) -> None:
        super().__init__(", ".join(reasons) or str(list(places)))
        self.places = tuple(places)
        self.reasons = tuple(reasons)
        self.stamp = stamp

    def is_only(self, reason: str) -> bool:
        """Whether nothing else was in the way."""
        return len(self.reasons) == len(self.places) and set(self.reasons) == {reason}

    def as_result(self, kind: type[R]) -> R:
        """The first reason as a workflow's result. Raises itself where those that failed say nothing."""
        if not self.reasons:
            raise self
        return kind(self.reasons[0])


@dataclass(frozen=True)
class Write:
    """One write of a transaction. `names` adds names whose attribute is not what the placeholder says;
    beside: what is checked or written with it, unless the transaction writes that item; fails_as: why the
    transaction fails where this condition does not hold, in `ConditionFailed.reasons`; a refusal is raised.
    """

    kind: str  # "Put" | "Update" | "Delete" | "ConditionCheck"
    key: Key = ("", "")
    item: Mapping[str, Any] = field(default_factory=dict)
    change: str = ""
    condition: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[Write, ...] = ()
    fails_as: str | Refusal = ""
    table: TableId = TableId.MAIN

    @property
    def place(self) -> tuple[TableId, Key]:
        """The item that it is about."""
        return self.table, self.key

    def failing_as(self, reason: str | Refusal) -> Write:
        return replace(self, fails_as=reason)

    def request(self, tables: Mapping[TableId, str]) -> dict[str, Any]:
        """The write as the API takes it, into the table of that name."""
        text = f"{self.change} {self.condition}"
        names = {f"#{name}": self.names.get(name, name) for name in NAMES.findall(text)}
        found: dict[str, Any] = {"TableName": tables[self.table]}
        if self.kind == "Put":
            found["Item"] = wire({**self.item, SCHEMA: SCHEMA_VERSION})
        else:
            found["Key"] = wire_key(self.key)
        optional = {
            "UpdateExpression": self.change,
            "ConditionExpression": self.condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {f":{name}": to_wire(value) for name, value in self.values.items()},
        }
        return found | {name: value for name, value in optional.items() if value}


def put(item: Item, condition: str = "", **values: Any) -> Write:
    return Write("Put", (item["pk"], item["sk"]), item, condition=condition, values=values)


def put_new(item: Item) -> Write:
    return put(item, "attribute_not_exists(#pk)")


def update(
    key: Key, change: str, condition: str = "", names: Mapping[str, str] | None = None, **values: Any
) -> Write:
    return Write("Update", key, change=change, condition=condition, values=values, names=names or {})


def delete(key: Key, condition: str = "", **values: Any) -> Write:
    return Write("Delete", key, condition=condition, values=values)


def check(key: Key, condition: str, **values: Any) -> Write:
    return Write("ConditionCheck", key, condition=condition, values=values)


def add_stamp(write: Write, stamp: str) -> Write:
    """The same write, leaving its stamp on the item. An update is not done to an item that has it already:
    what it adds would be added twice. One whose item someone else writes between its own two tries is not
    recognised; then a count is one too high or a claim is lost, which errs on the safe side.
    """
    if write.kind == "Put":
        return replace(write, item={**write.item, STAMP: stamp})
    sets, new = f"SET #{STAMP} = :{STAMP}", f"(attribute_not_exists(#{STAMP}) OR #{STAMP} <> :{STAMP})"
    change = write.change.replace("SET ", f"{sets}, ", 1) if "SET " in write.change else (
        f"{sets} {write.change}"
    )  # fmt: skip
    condition = f"({write.condition}) AND {new}" if write.condition else new
    return replace(write, change=change, condition=condition, values={**write.values, STAMP: stamp})


MAX_WRITES = 100  # of one transaction, what goes beside them included


def add_checks(writes: Sequence[Write]) -> list[Write]:
    """The writes, and once each what goes beside them; behind them, so that places stay."""
    checks = {each.place: each for write in writes for each in write.beside}
    written = {write.place for write in writes}
    return [*writes, *(each for place, each in checks.items() if place not in written)]


def why_failed(writes: Sequence[Write], failed: ConditionFailed) -> Exception:
    """What these writes, whose conditions did not hold, fail as: the first refusal, else their reasons."""
    reasons = [each.fails_as for each in writes if each.fails_as]
    for reason in reasons:
        if isinstance(reason, Refusal):
            return reason
    return ConditionFailed(failed.places, reasons=[str(reason) for reason in reasons])


def wire(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_wire(value) for name, value in item.items()}


def wire_key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}
