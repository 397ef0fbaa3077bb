"""The same calls to three tables: in memory, on moto, and on embedded AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from portal.local.ministack import REGION
from portal.local.session import LocalPortal
from tests.builders import table_properties
from tests.dynamodb.wire import in_memory

TABLE = "contract"
BACKENDS = ("memory", "moto", "embedded")
# Where a stand-in is known to take what DynamoDB refuses, or to do twice what it does once.
DIFFERENT = {
    "test_updates_that_are_refused[embedded-SET #state = :a, #state = :x]",
    "test_updates_that_are_refused[embedded-SET #state = #state + :one]",
    "test_updates_that_are_refused[embedded-SET #inner = :new, #inner.#count = :one]",
    "test_updates_that_are_refused[embedded-SET #state :a]",
    "test_updates_that_are_refused[embedded-SET #size = :a SET #state = :a]",
    "test_queries_that_are_refused[embedded-unequal]", "test_queries_that_are_refused[embedded-either]",
    "test_a_token_does_a_transaction_once[moto]",
}  # fmt: skip
BESIDES = {"ResponseMetadata", "ConsumedCapacity", "ItemCollectionMetrics"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is known to differ must differ: a stand-in that has learnt it is noticed."""
    for item in items:
        if item.name in DIFFERENT:
            item.add_marker(pytest.mark.xfail(reason="the stand-in differs from DynamoDB here"))


class Database:
    """One backend's table. `call` gives an operation's answer, or its refusal: code and reasons."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        try:
            answer = dict(getattr(self.client, operation)(**request))
        except ClientError as error:
            codes = [each["Code"] for each in error.response.get("CancellationReasons", [])]
            return {"refused": error.response["Error"]["Code"]} | ({"reasons": codes} if codes else {})
        return {name: content for name, content in answer.items() if name not in BESIDES}

    def put(self, *items: dict[str, Any]) -> None:
        for item in items:
            self.client.put_item(TableName=TABLE, Item=item)

    def items(self) -> list[dict[str, Any]]:
        """Every item, in the order of the keys."""
        found = self.client.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True)
        items = [item for page in found for item in page["Items"]]
        return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))

    def clear(self) -> None:
        for item in self.items():
            self.client.delete_item(TableName=TABLE, Key={"pk": item["pk"], "sk": item["sk"]})


def make_table(client: Any) -> Database:
    client.create_table(TableName=TABLE, **table_properties())
    return Database(client)


def connect_in_process() -> Any:
    return boto3.client("dynamodb", REGION, aws_access_key_id="1", aws_secret_access_key="1")


@pytest.fixture
def memory() -> Iterator[Database]:
    with in_memory():
        yield make_table(connect_in_process())


@pytest.fixture
def moto(no_aws: None) -> Iterator[Database]:
    with mock_aws():
        yield make_table(connect_in_process())


@pytest.fixture(scope="module")
def contract_table(local: LocalPortal) -> Iterator[Database]:
    """A table of these tests' own; the root's, since the portal's role may make none."""
    client = local.aws.session().client("dynamodb")
    yield make_table(client)
    client.delete_table(TableName=TABLE)


@pytest.fixture
def embedded(contract_table: Database) -> Iterator[Database]:
    yield contract_table
    contract_table.clear()


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest) -> Database:
    made: Callable[[str], Database] = request.getfixturevalue
    return made(request.param)


@pytest.fixture(params=["memory", "embedded"])
def strict_database(request: pytest.FixtureRequest) -> Database:
    """For what is wrong with a request: moto passes some of it over, and breaks at other."""
    made: Callable[[str], Database] = request.getfixturevalue
    return made(request.param)
