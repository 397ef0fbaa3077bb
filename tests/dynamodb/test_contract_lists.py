"""Queries: order, pages, indexes and filters."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dynamodb.conftest import TABLE, Database

NAMES = ["a", "a1", "b", "ä", "z", "Z", "10", "9", "😀", "\uffff"]


def make_listed(name: str, number: int) -> dict[str, Any]:
    return {
        "pk": {"S": "P"}, "sk": {"S": name}, "list_pk": {"S": "L"}, "list_name": {"S": name[::-1]},
        "list_size": {"N": str(number)}, "due_kind": {"S": "D"}, "due_at": {"N": str(number * 7 % 10)},
    }  # fmt: skip


@pytest.fixture
def full(database: Database) -> Database:
    """Ten in each list, and others that no list may show."""
    database.put(*(make_listed(name, number - 4) for number, name in enumerate(NAMES)))
    database.put({"pk": {"S": "P2"}, "sk": {"S": "a"}}, {"pk": {"S": "P"}, "sk": {"S": "c"}})
    return database


def pages(database: Database, limit: int, **asked: Any) -> list[list[str]]:
    """The sort keys, page after page, as a list is read to its end."""
    found, start = [], dict[str, Any]()
    while True:
        answer = database.call("query", TableName=TABLE, Limit=limit, **asked, **start)
        if answer["Items"]:
            found.append([item["sk"]["S"] for item in answer["Items"]])
        if "LastEvaluatedKey" not in answer:
            return found
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}


def query(condition: str, index: str = "", **values: Any) -> dict[str, Any]:
    names = {
        word: word[1:] for word in condition.replace("(", " ").replace(",", " ").split() if word[0] == "#"
    }
    asked: dict[str, Any] = {
        "KeyConditionExpression": condition, "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {f":{name}": value for name, value in values.items()},
    }  # fmt: skip
    return asked | ({"IndexName": index} if index else {})


P, L, D = {"S": "P"}, {"S": "L"}, {"S": "D"}
QUERIES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "all": (query("#pk = :p", p=P), sorted([*NAMES, "c"], key=str.encode)),
    "beginning": (query("#pk = :p AND begins_with(#sk, :a)", p=P, a={"S": "a"}), ["a", "a1"]),
    "below": (query("#pk = :p AND #sk < :a", p=P, a={"S": "a"}), ["10", "9", "Z"]),
    "from": (query("#pk = :p AND #sk >= :z", p=P, z={"S": "z"}), ["z", "ä", "\uffff", "😀"]),
    "between": (query("#pk = :p AND #sk BETWEEN :a AND :c", p=P, a={"S": "a"}, c={"S": "c"}),
                ["a", "a1", "b", "c"]),
    "one": (query("#pk = :p AND #sk = :a", p=P, a={"S": "a1"}), ["a1"]),
    "by size": (query("#list_pk = :l", "by_size", l=L), NAMES),
    "by due": (query("#due_kind = :d AND #due_at <= :five", "due", d=D, five={"N": "5"}),
               sorted((name for number, name in enumerate(NAMES, -4) if number * 7 % 10 <= 5),
                      key=lambda name: (NAMES.index(name) - 4) * 7 % 10)),
    "nobody's": (query("#pk = :p", p={"S": "none"}), []),
}  # fmt: skip


@pytest.mark.parametrize("which", QUERIES)
@pytest.mark.parametrize("limit", [1, 3, 100])
@pytest.mark.parametrize("descending", [False, True])
def test_lists_are_in_order_page_after_page(full: Database, which: str, limit: int, descending: bool) -> None:
    asked, wanted = QUERIES[which]
    found = pages(full, limit, **asked, ScanIndexForward=not descending)
    assert [name for page in found for name in page] == (wanted[::-1] if descending else wanted)
    assert all(len(page) <= limit for page in found)


def test_a_filter_counts_what_it_left_out(full: Database) -> None:
    asked = query("#pk = :p", p=P) | {"FilterExpression": "#list_size > :three"}
    asked["ExpressionAttributeNames"] |= {"#list_size": "list_size"}
    asked["ExpressionAttributeValues"] |= {":three": {"N": "3"}}
    answer = full.call("query", TableName=TABLE, **asked)
    assert (answer["Count"], answer["ScannedCount"]) == (2, 11)
    counted = full.call("query", TableName=TABLE, Select="COUNT", **asked)
    assert (counted["Count"], "Items" in counted) == (2, False)


@pytest.mark.parametrize(
    "asked",
    [
        query("#sk = :a", a={"S": "a"}), query("#pk > :a", a={"S": "a"}), query("#pk = :a", a={"N": "1"}),
        query("#pk = :a AND #due_at = :b", a={"S": "a"}, b={"N": "1"}),
        pytest.param(query("#pk = :a AND #sk <> :b", a={"S": "a"}, b={"S": "b"}), id="unequal"),
        pytest.param(query("#pk = :a OR #sk = :b", a={"S": "a"}, b={"S": "b"}), id="either"),
        query("#pk = :a", "none", a={"S": "a"}),
        query("#list_pk = :a", "by_size", a={"S": "a"}) | {"ConsistentRead": True},
    ],
)  # fmt: skip
def test_queries_that_are_refused(strict_database: Database, asked: dict[str, Any]) -> None:
    assert strict_database.call("query", TableName=TABLE, **asked) == {"refused": "ValidationException"}


def test_a_page_ends_at_a_mebibyte(database: Database) -> None:
    database.put(*({"pk": P, "sk": {"S": str(number)}, "x": {"S": "x" * 300_000}} for number in range(8)))
    found = pages(database, 100, **query("#pk = :p", p=P))
    assert [name for page in found for name in page] == [str(number) for number in range(8)]
    assert all(3 <= len(page) <= 4 for page in found[:-1])
    assert len(found) > 1


def test_parts_of_items(full: Database) -> None:
    asked = query("#pk = :p AND #sk = :b", p=P, b={"S": "b"}) | {"ProjectionExpression": "#sk, #list_size"}
    asked["ExpressionAttributeNames"] |= {"#list_size": "list_size"}
    answer = full.call("query", TableName=TABLE, **asked)
    assert answer["Items"] == [{"sk": {"S": "b"}, "list_size": {"N": "-2"}}]
