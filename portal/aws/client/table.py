"""A table: its reads, and conditional writes in transactions, which may reach into the portal's other one.
Knows items, not what they mean.

Source: the DynamoDB API reference, TransactWriteItems, BatchGetItem and Query.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from portal import deadline
from portal.aws.client import read_ahead
from portal.aws.client.calls import Clients, code, plain_failures
from portal.aws.client.wire import from_wire, to_wire
from portal.aws.client.writes import (
    NAMES,
    SCHEMA,
    STAMP,
    ConditionFailed,
    Item,
    Key,
    TableId,
    Write,
    add_checks,
    add_stamp,
    why_failed,
    wire,
    wire_key,
)
from portal.domain.clock import Clock, start_countdown
from portal.domain.errors import Unavailable

MET_ANOTHER = {"TransactionConflictException", "TransactionInProgressException"}
AGAIN_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
CONFLICT_SECONDS = 12.0
MAX_KEYS = 100  # of one call that reads several items
CALLS = {"Put": "put_item", "Update": "update_item", "Delete": "delete_item"}


class Table:
    """One DynamoDB table with key `pk`, `sk`: the main one, which knows the audit log's name for its writes,
    or the audit log, which is only read.
    """

    def __init__(self, clients: Clients, name: str, clock: Clock, audit_name: str = "") -> None:
        self.clients = clients
        self.name = name
        self.clock = clock
        self.names = {TableId.MAIN: name, TableId.AUDIT: audit_name}

    @property
    def client(self) -> Any:
        return self.clients.get("dynamodb")

    def get(self, key: Key) -> Item | None:
        """One item, consistently read."""
        if kept := read_ahead.take([key]):
            return kept[key]
        with plain_failures():
            answer = self.client.get_item(TableName=self.name, Key=wire_key(key), ConsistentRead=True)
        return plain(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Items consistently read, in a call for each hundred; those that are there, by key."""
        kept = read_ahead.take(keys)
        found = {key: item for key, item in kept.items() if item is not None}
        asked = [key for key in dict.fromkeys(keys) if key not in kept]
        if not asked:
            return found
        along = read_ahead.take_wanted(asked, MAX_KEYS - len(asked))
        every, read = [*asked, *along], dict[Key, Item]()
        for start in range(0, len(every), MAX_KEYS):
            read |= self.read_batch(every[start : start + MAX_KEYS])
        read_ahead.keep(along, read)
        return found | {key: item for key, item in read.items() if key not in along}

    def read_batch(self, keys: Sequence[Key]) -> dict[Key, Item]:
        found = dict[Key, Item]()
        wanted: Any = {self.name: {"Keys": list(map(wire_key, keys)), "ConsistentRead": True}}
        for pause in (0.05, 0.2, 0.8, None):
            with plain_failures():
                answer = self.client.batch_get_item(RequestItems=wanted)
            items = [plain(item) for item in answer["Responses"].get(self.name, [])]
            found |= {(item["pk"], item["sk"]): item for item in items}
            wanted = answer.get("UnprocessedKeys")
            if not wanted:
                return found
            if pause:
                self.clock.sleep(pause)
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
        start: Mapping[str, Any] | None = None, only: str = "", **values: Any,
    ) -> tuple[list[Item], Item | None]:  # fmt: skip
        """One page of a list, and the key it stopped at. Consistent on the table itself, eventual on an
        index. only: a condition on what is read; what it leaves out counts towards `limit` all the same.
        """
        asked: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": {f"#{name}": name for name in NAMES.findall(condition + only)},
            "ExpressionAttributeValues": {f":{name}": to_wire(value) for name, value in values.items()},
            "ScanIndexForward": not descending,
            "Limit": limit,
        }
        asked |= {"IndexName": index} if index else {"ConsistentRead": True}
        asked |= {"ExclusiveStartKey": wire(start)} if start else {}
        asked |= {"FilterExpression": only} if only else {}
        with plain_failures():
            answer = self.client.query(**asked)
        last = answer.get("LastEvaluatedKey")
        return [plain(item) for item in answer["Items"]], plain(last) if last else None

    def query_all(
        self, condition: str, *, rows: int = 100, index: str = "", descending: bool = False, **values: Any
    ) -> Iterator[Item]:
        """A list to its end, so many rows read at a time; the next are read when someone wants them.

        Only the service says where a list ends: a page that is not full has only met its megabyte (R71).
        """
        last = None
        while True:
            items, last = self.query(
                condition, index=index, descending=descending, limit=rows, start=last, **values
            )
            yield from items
            if not last:
                return

    def write(self, write: Write) -> None:
        """One write by itself. Raises ConditionFailed.

        The SDK repeats a call whose answer was lost, so each write carries a stamp: one that meets its own is
        done (R74, T9). The token of a transaction does the same, at twice the cost; only what cannot be
        stamped, or has something beside it, takes it.
        """
        if write.beside or (write.kind == "Delete" and write.condition):
            self.transact([write])
        else:
            self.send(write)

    def update_and_read(self, write: Write) -> Item | None:
        """An update by itself, and the item as it is then; None where the answer that told so was lost."""
        answer = self.send(write, ReturnValues="ALL_NEW")
        return plain(answer["Attributes"]) if answer else None

    def send(self, write: Write, **more: str) -> dict[str, Any] | None:
        """A write by itself and its answer; None where one of its tries was done whose answer was lost."""
        answers, stamp = list[dict[str, Any]](), secrets.token_urlsafe(9)
        asked = (write if write.kind == "Delete" else add_stamp(write, stamp)).request(self.names) | more
        asked |= {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if "ConditionExpression" in asked else {}
        call = getattr(self.client, CALLS[write.kind])
        try:
            read_ahead.forget([write.key])
            self.conditionally(lambda: answers.append(call(**asked)))
        except ConditionFailed as failed:
            if failed.stamp != stamp:
                raise
        return answers[0] if answers else None

    def try_write(self, write: Write) -> bool:
        """Whether one write by itself was done; False where its condition did not hold."""
        try:
            self.write(write)
        except ConditionFailed:
            return False
        return True

    def transact(self, writes: Sequence[Write]) -> None:
        """All of the writes or none (at most 100, on different items). Raises ConditionFailed.

        Two transactions that meet on an item cancel each other; the loser tries again with jitter. All tries
        carry one token, so what was done by one whose answer was lost is not done twice (T9).
        """
        writes = add_checks(writes)
        items = [{write.kind: write.request(self.names)} for write in writes]
        token, call = secrets.token_hex(16), self.client.transact_write_items
        try:
            read_ahead.forget([each.key for each in writes])
            self.conditionally(lambda: call(TransactItems=items, ClientRequestToken=token))
        except ConditionFailed as failed:
            raise why_failed([writes[place] for place in failed.places], failed) from failed

    def try_transact(self, writes: Sequence[Write]) -> bool:
        """Whether all of the writes were done; False where a condition did not hold, and so none was."""
        try:
            self.transact(writes)
        except ConditionFailed:
            return False
        return True

    def conditionally(self, call: Callable[[], Any]) -> None:
        seconds_left = start_countdown(self.clock, min(CONFLICT_SECONDS, deadline.seconds_left()))
        pause = 0.02
        while True:
            try:
                call()
                return
            except ClientError as error:
                raise_unless_met_another(error)
                if seconds_left() < 0:
                    raise Unavailable() from error
            except (ConnectionError, HTTPClientError) as error:
                raise Unavailable() from error
            self.clock.sleep(random.uniform(pause / 2, pause))  # noqa: S311 -- jitter, no secret
            pause = min(pause * 1.6, 0.5)


def raise_unless_met_another(error: ClientError) -> None:
    """Return where the write only met another one and may be tried again; else raise what it came to."""
    reasons = [str(reason.get("Code")) for reason in error.response.get("CancellationReasons", [])]
    if code(error) == "ConditionalCheckFailedException":
        item: Any = error.response.get("Item", {})
        raise ConditionFailed([0], item.get(STAMP, {}).get("S", "")) from error
    if "ConditionalCheckFailed" in reasons:
        failed = [place for place, reason in enumerate(reasons) if reason == "ConditionalCheckFailed"]
        raise ConditionFailed(failed) from error
    if code(error) in MET_ANOTHER or AGAIN_REASONS & set(reasons):
        return
    with plain_failures():
        raise error


def plain(item: Mapping[str, Any]) -> Item:
    return {name: from_wire(value) for name, value in item.items() if name not in {STAMP, SCHEMA}}
