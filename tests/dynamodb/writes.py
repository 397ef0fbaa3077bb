"""PutItem, UpdateItem, DeleteItem, BatchWriteItem and TransactWriteItems. Source: the API reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.dynamodb.conditions import Scope, check_placeholders, holds
from tests.dynamodb.errors import Refused, condition_failed, invalid
from tests.dynamodb.expressions import parse_condition, parse_update
from tests.dynamodb.reads import Request, Tables, names_and_values
from tests.dynamodb.tables import Key, Table
from tests.dynamodb.updates import apply_update
from tests.dynamodb.values import Item, check_item, measure_item

MOST_ACTIONS, MOST_IN_BATCH = 100, 25
TRANSACTION_BYTES = 4 * 1024 * 1024
CANCELLED = "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]"


@dataclass(frozen=True)
class Change:
    """One write that was looked at and not done yet. after: None where nothing is left; `same` where it is
    only a check.
    """

    table: Table
    key: Key
    before: Item
    after: Item | None

    def apply(self) -> None:
        if self.after is None:
            self.table.remove(self.key)
        elif self.after is not self.before:
            self.table.put(self.key, self.after)


def prepare_put(request: Request, table: Table) -> Change:
    item = check_item(request["Item"])
    key = table.check_key_of(item)
    before = table.get(key)
    check_condition(request, before)
    return Change(table, key, before, item)


def prepare_delete(request: Request, table: Table) -> Change:
    key = table.check_key(request["Key"])
    before = table.get(key)
    check_condition(request, before)
    return Change(table, key, before, None)


def prepare_check(request: Request, table: Table) -> Change:
    key = table.check_key(request["Key"])
    before = table.get(key)
    if "ConditionExpression" not in request:
        raise invalid("The condition expression must not be empty")
    check_condition(request, before)
    return Change(table, key, before, before or None)


def prepare_update(request: Request, table: Table) -> Change:
    key = table.check_key(request["Key"])
    before = table.get(key)
    update = parse_update(request["UpdateExpression"]) if "UpdateExpression" in request else None
    check_condition(request, before, update)
    after = before or dict(request["Key"])
    if update is not None:
        names, values = names_and_values(request)
        after = check_item(apply_update(update, Scope(names, values, after), table.schema.names))
        table.check_key_of(after)
    return Change(table, key, before, after)


PREPARE: Mapping[str, Callable[[Request, Table], Change]] = {
    "Put": prepare_put, "Update": prepare_update, "Delete": prepare_delete, "ConditionCheck": prepare_check,
}  # fmt: skip


def check_condition(request: Request, before: Item, update: Any = ()) -> None:
    """Raises where the request's condition does not hold, or its placeholders do not fit its expressions."""
    text = request.get("ConditionExpression")
    tree = parse_condition(text) if text is not None else ()
    names, values = names_and_values(request)
    check_placeholders((tree, update or ()), names, values)
    if tree and not holds(tree, Scope(names, values, before)):
        is_wanted = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        raise condition_failed(before if is_wanted else None)


def write_one(kind: str) -> Callable[[Request, Tables], dict[str, Any]]:
    """The operation that does one write by itself."""

    def write(request: Request, tables: Tables) -> dict[str, Any]:
        change = PREPARE[kind](request, tables(request["TableName"]))
        change.apply()
        return choose_returned(request.get("ReturnValues", "NONE"), change)

    return write


def choose_returned(wanted: str, change: Change) -> dict[str, Any]:
    if wanted == "NONE":
        return {}
    which, _, age = wanted.partition("_")
    shown, other = (change.before, change.after) if age == "OLD" else (change.after, change.before)
    if which == "UPDATED":
        shown = {name: value for name, value in (shown or {}).items() if (other or {}).get(name) != value}
    return {"Attributes": shown} if shown else {}


def batch_write_item(request: Request, tables: Tables) -> dict[str, Any]:
    asked = [
        (kind.removesuffix("Request"), each[kind] | {"TableName": name})
        for name, writes in request["RequestItems"].items()
        for each in writes
        for kind in each
    ]
    if not 1 <= len(asked) <= MOST_IN_BATCH:
        raise invalid("Too many items requested for the BatchWriteItem call")
    changes = [PREPARE[kind](write, tables(write["TableName"])) for kind, write in asked]
    check_apart(changes, "Provided list of item keys contains duplicates")
    for change in changes:
        change.apply()
    return {"UnprocessedItems": {}}


def check_apart(changes: list[Change], message: str) -> None:
    places = [(id(change.table), change.key) for change in changes]
    if len(set(places)) < len(places):
        raise invalid(message)


def transact_write_items(request: Request, tables: Tables) -> dict[str, Any]:
    """All or none. The reasons say of each write why it was not done."""
    asked = [next(iter(each.items())) for each in request["TransactItems"]]
    if not 1 <= len(asked) <= MOST_ACTIONS:
        raise invalid("Member must have length less than or equal to 100")
    check_keys(asked, tables)
    changes, reasons = list[Change](), list[dict[str, Any]]()
    for kind, write in asked:
        try:
            changes.append(PREPARE[kind](write, tables(write["TableName"])))
            reasons.append({"Code": "None"})
        except Refused as refused:
            reasons.append(reason(refused, write))
    if len(changes) < len(asked):
        codes = ", ".join(each["Code"] for each in reasons)
        raise Refused("TransactionCanceledException", CANCELLED.format(codes), CancellationReasons=reasons)
    if sum(measure_item(change.after or {}) for change in changes) > TRANSACTION_BYTES:
        raise invalid("Collective size of items in transaction request exceeds limits")
    for change in changes:
        change.apply()
    return {}


def check_keys(asked: list[tuple[str, Request]], tables: Tables) -> None:
    """No two writes on one item."""
    places = []
    for kind, write in asked:
        table = tables(write["TableName"])
        key = table.check_key_of(write["Item"]) if kind == "Put" else table.check_key(write["Key"])
        places.append((write["TableName"], key))
    if len(set(places)) < len(places):
        raise invalid("Transaction request cannot include multiple operations on one item")


def reason(refused: Refused, write: Request) -> dict[str, Any]:
    """Why one write cancels the transaction. What is wrong with an expression's text refuses the request."""
    if refused.code == "ConditionalCheckFailedException":
        return {"Code": "ConditionalCheckFailed", "Message": refused.message, **refused.details}
    if refused.message.startswith(("Invalid", "Value provided")):
        raise refused
    return {"Code": "ValidationError", "Message": refused.message}
