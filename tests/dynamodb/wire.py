"""Answers the SDK's requests to DynamoDB out of memory: clients, serialization and error parsing stay real.

Source: the API reference, "Using the low-level API" (JSON 1.0, `X-Amz-Target`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from threading import RLock
from typing import Any

from botocore import UNSIGNED, handlers
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from tests.dynamodb import reads, writes
from tests.dynamodb.errors import Refused
from tests.dynamodb.tables import Table

Request = Mapping[str, Any]
EXPRESSIONS = {"ExpressionAttributeNames", "ExpressionAttributeValues"}
GETTING = {"ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"}
LISTING = EXPRESSIONS | {
    "IndexName", "FilterExpression", "ProjectionExpression", "Limit", "ExclusiveStartKey", "ConsistentRead",
    "Select",
}  # fmt: skip
WRITING = EXPRESSIONS | {"ConditionExpression", "ReturnValues", "ReturnValuesOnConditionCheckFailure"}
Operation = Callable[[Request, reads.Tables], dict[str, Any]]
# What each operation does, and what it understands: anything else is refused, not passed over.
OPERATIONS: dict[str, tuple[Operation, set[str]]] = {
    "GetItem": (reads.get_item, {"TableName", "Key"} | GETTING),
    "BatchGetItem": (reads.batch_get_item, {"RequestItems"}),
    "TransactGetItems": (reads.transact_get_items, {"TransactItems"}),
    "Query": (reads.query, {"TableName", "KeyConditionExpression", "ScanIndexForward"} | LISTING),
    "Scan": (reads.scan, {"TableName"} | LISTING - {"IndexName"}),
    "PutItem": (writes.write_one("Put"), {"TableName", "Item"} | WRITING),
    "UpdateItem": (writes.write_one("Update"), {"TableName", "Key", "UpdateExpression"} | WRITING),
    "DeleteItem": (writes.write_one("Delete"), {"TableName", "Key"} | WRITING),
    "BatchWriteItem": (writes.batch_write_item, {"RequestItems"}),
    "TransactWriteItems": (writes.transact_write_items, {"TransactItems", "ClientRequestToken"}),
}


class MemoryDynamoDB:
    """Tables, one request at a time; and the transactions done, by their clients' tokens."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.observers: list[Callable[[str, Request], None]] = []  # hear of each request before its answer
        self.tables: dict[str, Table] = {}
        self.tokens: dict[str, str] = {}

    def table(self, name: str) -> Table:
        if name not in self.tables:
            raise Refused("ResourceNotFoundException", "Requested resource not found")
        return self.tables[name]

    def answer(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        for observe in self.observers:
            observe(operation, request)
        with self.lock:
            if operation == "CreateTable":
                self.tables[request["TableName"]] = Table.create(request)
                return {"TableDescription": {"TableName": request["TableName"], "TableStatus": "ACTIVE"}}
            if operation == "DeleteTable":
                del self.tables[request["TableName"]]
                return {}
            perform, understood = OPERATIONS[operation]
            if unknown := request.keys() - understood:
                raise NotImplementedError(f"{operation} with {sorted(unknown)} in memory")
            token = request.get("ClientRequestToken", "")
            if token and self.was_done(token, request):
                return {}
            answer = perform(request, self.table)
            if token:
                self.tokens[token] = json.dumps(request, sort_keys=True)
            return answer

    def was_done(self, token: str, request: Request) -> bool:
        """Whether this very transaction was done before; another one with its token is refused."""
        known = self.tokens.get(token)
        if known is not None and known != json.dumps(request, sort_keys=True):
            raise Refused("IdempotentParameterMismatchException", "Another request has this token")
        return known is not None


class Wire:
    """What botocore asks before it sends a request to DynamoDB; without a database the request goes on."""

    def __init__(self) -> None:
        self.database: MemoryDynamoDB | None = None

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        if self.database is None:
            return None
        operation = request.headers["X-Amz-Target"]
        name = (operation.decode() if isinstance(operation, bytes) else operation).partition(".")[2]
        try:
            return respond(request, 200, self.database.answer(name, json.loads(request.body or b"{}")))
        except Refused as refused:
            body = {"__type": f"com.amazonaws.dynamodb.v20120810#{refused.code}", "message": refused.message}
            return respond(request, 400, body | refused.details)


def respond(request: AWSPreparedRequest, status: int, body: dict[str, Any]) -> AWSResponse:
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "in-memory"}
    return AWSResponse(request.url, status, headers, Stream(json.dumps(body).encode()))


class Stream(BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


WIRE = Wire()


def choose_signer(**_: Any) -> object:
    """Sign nothing that memory answers: it checks no signature, and signing is a third of a call."""
    return None if WIRE.database is None else UNSIGNED


handlers.BUILTIN_HANDLERS.extend([("before-send.dynamodb", WIRE), ("choose-signer.dynamodb", choose_signer)])


@contextmanager
def in_memory() -> Iterator[MemoryDynamoDB]:
    """Let every client's DynamoDB be an empty one in memory."""
    before, WIRE.database = WIRE.database, MemoryDynamoDB()
    try:
        yield WIRE.database
    finally:
        WIRE.database = before
