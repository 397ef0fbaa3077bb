"""Transactions: all or none, with a reason for each write; sizes and numbers that have an end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.dynamodb.conftest import TABLE, Database

CANCELLED = "TransactionCanceledException"
ONE = {":one": {"N": "1"}}


def key(name: str) -> dict[str, Any]:
    return {"pk": {"S": "P"}, "sk": {"S": name}}


def put_new(name: str, **more: Any) -> dict[str, Any]:
    return {"Put": {
        "TableName": TABLE, "Item": key(name) | more, "ConditionExpression": "attribute_not_exists(#pk)",
        "ExpressionAttributeNames": {"#pk": "pk"},
    }}  # fmt: skip


def count(name: str, condition: str = "", **values: Any) -> dict[str, Any]:
    update = {
        "TableName": TABLE, "Key": key(name), "UpdateExpression": "ADD #count :one",
        "ExpressionAttributeNames": {"#count": "count"}, "ExpressionAttributeValues": ONE | values,
    }  # fmt: skip
    return {"Update": update | ({"ConditionExpression": condition} if condition else {})}


def test_all_or_none_with_a_reason_for_each(database: Database) -> None:
    database.put(key("a") | {"count": {"N": "1"}})
    full = count("a", "#count < :one")
    wrong = database.call("transact_write_items", TransactItems=[put_new("b"), full, put_new("a")][:2])
    assert wrong == {"refused": CANCELLED, "reasons": ["None", "ConditionalCheckFailed"]}
    assert database.items() == [key("a") | {"count": {"N": "1"}}]
    assert database.call("transact_write_items", TransactItems=[put_new("b"), count("a")]) == {}
    assert database.items() == [key("a") | {"count": {"N": "2"}}, key("b")]


def test_what_failed_is_shown_where_that_was_asked_for(database: Database) -> None:
    database.put(key("a") | {"count": {"N": "1"}})
    write = put_new("a")["Put"] | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    with pytest.raises(database.client.exceptions.TransactionCanceledException) as refused:
        database.client.transact_write_items(TransactItems=[{"Put": write}])
    assert refused.value.response["CancellationReasons"][0]["Item"] == key("a") | {"count": {"N": "1"}}


def test_a_token_does_a_transaction_once(database: Database) -> None:
    for _ in range(3):
        writes = {"TransactItems": [count("a")], "ClientRequestToken": "token"}
        assert database.call("transact_write_items", **writes) == {}
    assert database.items() == [key("a") | {"count": {"N": "1"}}]
    other = {"TransactItems": [count("b")], "ClientRequestToken": "token"}
    assert database.call("transact_write_items", **other) == {
        "refused": "IdempotentParameterMismatchException"
    }


def test_two_writes_on_one_item_are_refused(database: Database) -> None:
    for writes in ([count("a"), count("a")], [put_new("a"), count("a")]):
        refused = database.call("transact_write_items", TransactItems=writes)
        assert refused == {"refused": "ValidationException"}
    assert database.items() == []


def test_a_hundred_writes_and_no_more(database: Database) -> None:
    names = [f"{number:03}" for number in range(101)]
    refused = database.call("transact_write_items", TransactItems=[count(name) for name in names])
    assert refused == {"refused": "ValidationException"}
    assert database.call("transact_write_items", TransactItems=[count(name) for name in names[:100]]) == {}
    assert len(database.items()) == 100


@pytest.mark.parametrize(("length", "is_kept"), [(390_000, True), (400 * 1024 + 1, False)])
def test_an_item_has_400_kib_at_most(database: Database, length: int, is_kept: bool) -> None:
    item = key("a") | {"x": {"S": "x" * length}}
    answer = database.call("put_item", TableName=TABLE, Item=item)
    assert answer == ({} if is_kept else {"refused": "ValidationException"})


@pytest.mark.parametrize(
    "item",
    [
        {"pk": {"S": ""}, "sk": {"S": "a"}}, {"pk": {"S": "a"}}, key("a") | {"due_at": {"S": "text"}},
        key("a") | {"set": {"SS": []}}, key("a") | {"list_pk": {"S": ""}},
    ],
)  # fmt: skip
def test_items_that_are_not_kept(strict_database: Database, item: dict[str, Any]) -> None:
    assert strict_database.call("put_item", TableName=TABLE, Item=item) == {"refused": "ValidationException"}
    assert strict_database.items() == []


def test_reads_of_several(database: Database) -> None:
    database.put(key("a"), key("b"))
    keys = [key("a"), key("none"), key("b")]
    found = database.call("batch_get_item", RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True}})
    assert sorted(item["sk"]["S"] for item in found["Responses"][TABLE]) == ["a", "b"]
    asked = [{"Get": {"TableName": TABLE, "Key": each}} for each in keys]
    together = database.call("transact_get_items", TransactItems=asked)["Responses"]
    assert [each.get("Item") or None for each in together] == [key("a"), None, key("b")]
    assert database.call("get_item", TableName=TABLE, Key=key("none")) == {}
    doubled = {TABLE: {"Keys": [key("a"), key("a")]}}
    assert database.call("batch_get_item", RequestItems=doubled) == {"refused": "ValidationException"}
    many = {TABLE: {"Keys": [key(str(number)) for number in range(101)]}}
    assert database.call("batch_get_item", RequestItems=many) == {"refused": "ValidationException"}


@pytest.mark.parametrize("where", ["memory", "embedded"])
def test_a_limit_holds_however_many_write_at_once(request: pytest.FixtureRequest, where: str) -> None:
    """moto is not atomic, and so is not asked."""
    database: Database = request.getfixturevalue(where)
    limit = count("a", "attribute_not_exists(#count) OR #count < :ten", **{":ten": {"N": "10"}})
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda _: database.call("transact_write_items", TransactItems=[limit]), range(40))
        )
    assert answers.count({}) == 10
    assert database.items() == [key("a") | {"count": {"N": "10"}}]
