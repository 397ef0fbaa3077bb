"""The one table: reads, and conditional writes in transactions. Knows items, not what they mean.

Expressions are written with `#name` for an attribute and `:name` for a value; the names are collected from
the text. Source: the DynamoDB API reference, TransactWriteItems, BatchGetItem and Query.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from portal.aws.calls import Clients, code, plain_failures
from portal.aws.wire import from_wire, to_wire
from portal.domain.errors import Unavailable

Item = dict[str, Any]
Key = tuple[str, str]
NAMES = re.compile(r"#(\w+)")
MET_ANOTHER = {"TransactionConflictException", "TransactionInProgressException"}
AGAIN_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
CONFLICT_SECONDS = 12.0


class ConditionFailed(Exception):
    """A write's condition did not hold; `which` are the positions of those writes in the transaction."""

    def __init__(self, which: Sequence[int]) -> None:
        super().__init__(str(list(which)))
        self.which = tuple(which)


@dataclass(frozen=True)
class Write:
    """One write of a transaction. `names` adds names whose attribute is not what the placeholder says."""

    kind: str  # "Put" | "Update" | "Delete" | "ConditionCheck"
    key: Key = ("", "")
    item: Mapping[str, Any] = field(default_factory=dict)
    change: str = ""
    condition: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def request(self, table: str) -> dict[str, Any]:
        """The write as the API takes it."""
        text = f"{self.change} {self.condition}"
        names = {f"#{name}": self.names.get(name, name) for name in NAMES.findall(text)}
        found: dict[str, Any] = {"TableName": table}
        if self.kind == "Put":
            found["Item"] = wire(self.item)
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


class Table:
    """One DynamoDB table with key `pk`, `sk`."""

    def __init__(self, clients: Clients, name: str) -> None:
        self.clients = clients
        self.name = name

    @property
    def client(self) -> Any:
        return self.clients.get("dynamodb")

    def get(self, key: Key) -> Item | None:
        """One item, consistently read."""
        with plain_failures():
            answer = self.client.get_item(TableName=self.name, Key=wire_key(key), ConsistentRead=True)
        return plain(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Up to 100 items in one consistent read; those that are there, by key."""
        wanted: Any = {
            self.name: {"Keys": [wire_key(key) for key in dict.fromkeys(keys)], "ConsistentRead": True}
        }
        found: dict[Key, Item] = {}
        for pause in (0.05, 0.2, 0.8, None):
            with plain_failures():
                answer = self.client.batch_get_item(RequestItems=wanted)
            items = [plain(item) for item in answer["Responses"].get(self.name, [])]
            found |= {(item["pk"], item["sk"]): item for item in items}
            wanted = answer.get("UnprocessedKeys")
            if not wanted:
                return found
            if pause:
                time.sleep(pause)
        raise Unavailable()

    def get_together(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Up to 100 items as they are in one and the same moment; those that are there, by key."""
        asked = [{"Get": {"TableName": self.name, "Key": wire_key(key)}} for key in keys]
        with plain_failures():
            answer = self.client.transact_get_items(TransactItems=asked)
        items = [plain(each["Item"]) for each in answer["Responses"] if each.get("Item")]
        return {(item["pk"], item["sk"]): item for item in items}

    def query(
        self, condition: str, *, index: str = "", descending: bool = False, limit: int = 100,
        start: Mapping[str, Any] | None = None, **values: Any,
    ) -> tuple[list[Item], Item | None]:  # fmt: skip
        """One page of a list, and the key it stopped at. Consistent on the table itself, eventual on an
        index.
        """
        asked: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": {f"#{name}": name for name in NAMES.findall(condition)},
            "ExpressionAttributeValues": {f":{name}": to_wire(value) for name, value in values.items()},
            "ScanIndexForward": not descending,
            "Limit": limit,
        }
        asked |= {"IndexName": index} if index else {"ConsistentRead": True}
        asked |= {"ExclusiveStartKey": wire(start)} if start else {}
        with plain_failures():
            answer = self.client.query(**asked)
        last = answer.get("LastEvaluatedKey")
        return [plain(item) for item in answer["Items"]], plain(last) if last else None

    def write(self, write: Write) -> None:
        """One write by itself. Raises ConditionFailed."""
        call = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item"}[write.kind]
        self.conditionally(lambda: getattr(self.client, call)(**write.request(self.name)))

    def transact(self, writes: Sequence[Write]) -> None:
        """All of the writes or none (at most 100, on different items). Raises ConditionFailed.

        Two transactions that meet on an item cancel each other; the loser tries again with jitter. botocore
        sends one client request token through its own retries, so a lost answer is not done twice (T9).
        """
        items = [{write.kind: write.request(self.name)} for write in writes]
        self.conditionally(lambda: self.client.transact_write_items(TransactItems=items))

    def done(self, writes: Sequence[Write]) -> bool:
        """Whether all of the writes were done; False where a condition did not hold, and so none was."""
        try:
            self.transact(writes)
        except ConditionFailed:
            return False
        return True

    def conditionally(self, call: Callable[[], Any]) -> None:
        ends = time.monotonic() + CONFLICT_SECONDS
        pause = 0.02
        while True:
            try:
                call()
                return
            except ClientError as error:
                raise_unless_met_another(error)
                if time.monotonic() > ends:
                    raise Unavailable() from error
            except (ConnectionError, HTTPClientError) as error:
                raise Unavailable() from error
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311 -- jitter, no secret
            pause = min(pause * 1.6, 0.5)


def raise_unless_met_another(error: ClientError) -> None:
    """Return where the write only met another one and may be tried again; else raise what it came to."""
    reasons = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])]
    if code(error) == "ConditionalCheckFailedException":
        raise ConditionFailed([0]) from error
    if "ConditionalCheckFailed" in reasons:
        failed = [place for place, reason in enumerate(reasons) if reason == "ConditionalCheckFailed"]
        raise ConditionFailed(failed) from error
    if code(error) in MET_ANOTHER or AGAIN_REASONS & set(reasons):
        return
    with plain_failures():
        raise error


def wire(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_wire(value) for name, value in item.items()}


def wire_key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def plain(item: Mapping[str, Any]) -> Item:
    return {name: from_wire(value) for name, value in item.items()}
