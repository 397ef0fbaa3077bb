"""What the portal relies on in DynamoDB, the same in memory, on moto and on embedded AWS."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dynamodb.conftest import TABLE, Database

KEY = {"pk": {"S": "FILE"}, "sk": {"S": "a"}}
ITEM = KEY | {
    "state": {"S": "ready"}, "size": {"N": "12"}, "names": {"SS": ["x", "y"]}, "list": {"L": [{"N": "1"}]},
    "inner": {"M": {"count": {"N": "3"}, "at": {"S": "2026"}}}, "is": {"BOOL": True}, "bytes": {"B": b"ab"},
}  # fmt: skip
VALUES = {
    ":ready": {"S": "ready"}, ":a": {"S": "a"}, ":one": {"N": "1"}, ":two": {"N": "2"}, ":three": {"N": "3"},
    ":x": {"S": "x"}, ":more": {"L": [{"S": "z"}]}, ":set": {"SS": ["x", "z"]}, ":kind": {"S": "M"},
    ":twelve": {"N": "12.0"}, ":big": {"N": "100"}, ":new": {"M": {"deep": {"S": "er"}}},
    ":yes": {"BOOL": True},
}  # fmt: skip


def only(text: str) -> dict[str, Any]:
    """The names and values that a text speaks of."""
    words = (
        text.replace("(", " ").replace(")", " ").replace(",", " ").replace(".", " ").replace("[", " ").split()
    )
    names = {word: word[1:] for word in words if word.startswith("#")}
    values = {word: VALUES[word] for word in words if word.startswith(":")}
    found = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
    return {name: content for name, content in found.items() if content}


HOLD = {
    "#state = :ready": True, "#state <> :ready": False, "#state = :one": False, "#size = :twelve": True,
    "#size < :big": True, "#size <= :twelve": True, "#size > :twelve": False, "#state >= :a": True,
    "attribute_exists(#pk)": True, "attribute_not_exists(#none)": True,
    "attribute_exists(#inner.#none)": False,
    "attribute_exists(#inner.#count) AND #inner.#count = :three": True, "begins_with(#state, :a)": False,
    "contains(#names, :x)": True, "contains(#state, :x)": False, "contains(#list, :one)": True,
    "size(#names) = :two": True, "size(#state) < :big": True, "#size BETWEEN :one AND :big": True,
    "#state IN (:a, :ready)": True, "#size IN (:one, :two)": False, "NOT #state = :a": True,
    "attribute_type(#inner, :kind)": True, "#is = :yes": True, "#none = :a": False, "#none < :one": False,
    "#state = :a OR #size = :twelve AND #state = :ready": True,
    "(#state = :a OR #size = :twelve) AND #state = :a": False,
    "NOT (#state = :a OR #size = :one)": True, "#list[0] = :one": True, "#none <> :a": True,
}  # fmt: skip


@pytest.mark.parametrize("text", HOLD)
def test_conditions(database: Database, text: str) -> None:
    """A write is done where its condition holds, and else refused, alone and in a transaction."""
    database.put(ITEM)
    change: dict[str, Any] = {"TableName": TABLE, "Key": KEY, "ConditionExpression": text, **only(text)}
    whole = database.call("transact_write_items", TransactItems=[{"ConditionCheck": change}])
    refused = {"refused": "TransactionCanceledException", "reasons": ["ConditionalCheckFailed"]}
    assert whole == ({} if HOLD[text] else refused)
    alone = database.call("delete_item", **change)
    assert alone == ({} if HOLD[text] else {"refused": "ConditionalCheckFailedException"})
    assert bool(database.items()) != HOLD[text]


UPDATES: dict[str, Any] = {
    "SET #state = :a": {"state": {"S": "a"}},
    "SET #size = #size + :one, #state = :x": {"size": {"N": "13"}, "state": {"S": "x"}},
    "SET #size = #size - :one": {"size": {"N": "11"}},
    "SET #other = if_not_exists(#other, :one) + :two": {"other": {"N": "3"}},
    "SET #size = if_not_exists(#size, :one) + :two": {"size": {"N": "14"}},
    "SET #list = list_append(#list, :more)": {"list": {"L": [{"N": "1"}, {"S": "z"}]}},
    "SET #inner.#count = :one": {"inner": {"M": {"count": {"N": "1"}, "at": {"S": "2026"}}}},
    "SET #inner = :new REMOVE #state": {"inner": VALUES[":new"], "state": None},
    "REMOVE #inner.#at, #none": {"inner": {"M": {"count": {"N": "3"}}}},
    "ADD #size :one, #other :two": {"size": {"N": "13"}, "other": {"N": "2"}},
    "ADD #names :set": {"names": {"SS": ["x", "y", "z"]}},
    "DELETE #names :set": {"names": {"SS": ["y"]}},
    "SET #other = #state, #state = :a": {"other": {"S": "ready"}, "state": {"S": "a"}},
    "SET #list[0] = :x": {"list": {"L": [{"S": "x"}]}},
}  # fmt: skip


@pytest.mark.parametrize("text", UPDATES)
def test_updates(database: Database, text: str) -> None:
    database.put(ITEM)
    request = {"TableName": TABLE, "Key": KEY, "UpdateExpression": text, **only(text)}
    assert "refused" not in database.call("update_item", **request)
    wanted = {name: value for name, value in (ITEM | UPDATES[text]).items() if value is not None}
    [kept] = database.items()
    assert sort_sets(kept) == wanted


def sort_sets(item: dict[str, Any]) -> dict[str, Any]:
    return {name: {"SS": sorted(value["SS"])} if "SS" in value else value for name, value in item.items()}


REFUSED = [
    "SET #pk = :a", "SET #state = :a, #state = :x", "SET #none.#count = :one", "SET #state = #state + :one",
    "SET #other = #none", "ADD #state :one", "SET #inner = :new, #inner.#count = :one", "SET #state :a",
    "SET #size = :a SET #state = :a", "DELETE #size :one", "SET state = :a", "FORGET #state",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_updates_that_are_refused(strict_database: Database, text: str) -> None:
    strict_database.put(ITEM)
    request = {"TableName": TABLE, "Key": KEY, "UpdateExpression": text, **only(text)}
    assert strict_database.call("update_item", **request) == {"refused": "ValidationException"}
    assert [sort_sets(item) for item in strict_database.items()] == [ITEM]


@pytest.mark.parametrize(
    ("condition", "is_refused"),
    [("((#state = :a)) AND #pk <> :a", True), ("(#state = :a) AND (#pk <> :a)", False)],
)
def test_parentheses_right_around_others_are_refused(
    strict_database: Database, condition: str, is_refused: bool
) -> None:
    """ "The expression has redundant parentheses"; around a part of a condition they are fine."""
    strict_database.put(ITEM)
    text = f"SET #size = :one {condition}"
    request = {"TableName": TABLE, "Key": KEY, "UpdateExpression": "SET #size = :one", **only(text)}
    answer = strict_database.call("update_item", **request, ConditionExpression=condition)
    assert (answer.get("refused") == "ValidationException") is is_refused


def test_an_update_makes_what_is_not_there(database: Database) -> None:
    request = {"TableName": TABLE, "Key": KEY, "UpdateExpression": "ADD #size :one", **only("#size :one")}
    assert database.call("update_item", **request, ReturnValues="ALL_NEW") == {
        "Attributes": KEY | {"size": {"N": "1"}}
    }
    assert database.items() == [KEY | {"size": {"N": "1"}}]


@pytest.mark.parametrize(
    "changes",
    [
        {"ExpressionAttributeNames": {"#pk": "pk", "#more": "more"}},
        {"ExpressionAttributeNames": {}, "ConditionExpression": "attribute_exists(#pk)"},
        {"ExpressionAttributeValues": {":a": {"S": "a"}}},
        {"ConditionExpression": "attribute_exists(#pk) AND #pk = :a"},
        {"ConditionExpression": "attribute_exists(#pk"}, {"Key": {"pk": {"S": "FILE"}}},
        {"Key": KEY | {"more": {"S": "a"}}}, {"Key": {"pk": {"S": "FILE"}, "sk": {"N": "1"}}},
    ],
)  # fmt: skip
def test_requests_that_are_refused(strict_database: Database, changes: dict[str, Any]) -> None:
    request: dict[str, Any] = {
        "TableName": TABLE, "Key": KEY, "ConditionExpression": "attribute_exists(#pk)",
        "ExpressionAttributeNames": {"#pk": "pk"},
    }  # fmt: skip
    sent = {name: value for name, value in (request | changes).items() if value != {}}
    assert strict_database.call("delete_item", **sent)["refused"] == "ValidationException"
