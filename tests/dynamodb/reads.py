"""GetItem, BatchGetItem, TransactGetItems, Query and Scan. Source: the API reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.dynamodb.conditions import Scope, check_placeholders, holds
from tests.dynamodb.errors import invalid
from tests.dynamodb.expressions import (
    Between,
    Both,
    Call,
    Compare,
    Given,
    Path,
    parse_condition,
    parse_projection,
)
from tests.dynamodb.tables import Schema, Table
from tests.dynamodb.values import Item, check_values, measure_item, split

PAGE_BYTES = 1024 * 1024
MOST_KEYS = 100
Request = Mapping[str, Any]
Tables = Callable[[str], Table]
SORT_SIGNS = {"=", "<", "<=", ">", ">="}


def names_and_values(request: Request) -> tuple[dict[str, str], dict[str, Any]]:
    values = request.get("ExpressionAttributeValues", {})
    check_values(values.values())
    return request.get("ExpressionAttributeNames", {}), values


def project(item: Item, request: Request) -> Item:
    """The parts of an item that were asked for; whole without a projection."""
    if "ProjectionExpression" not in request:
        return item
    scope = Scope(request.get("ExpressionAttributeNames", {}), {}, item)
    found: Item = {}
    for path in parse_projection(request["ProjectionExpression"]):
        value = scope.find(path)
        if value is not None:
            lay_projected(found, scope.steps(path), value)
    return found


def lay_projected(found: Any, steps: list[str | int], value: Any) -> None:
    if not all(isinstance(step, str) for step in steps):
        raise NotImplementedError("projections into lists")
    for step in steps[:-1]:
        found = found.setdefault(step, {"M": {}})["M"]
    found[steps[-1]] = value


def get_item(request: Request, tables: Tables) -> dict[str, Any]:
    if "ProjectionExpression" in request:
        check_placeholders(parse_projection(request["ProjectionExpression"]), *names_and_values(request))
    table = tables(request["TableName"])
    found = table.get(table.check_key(request["Key"]))
    return {"Item": project(found, request)} if found else {}


def batch_get_item(request: Request, tables: Tables) -> dict[str, Any]:
    asked = request["RequestItems"]
    if not 1 <= sum(len(each["Keys"]) for each in asked.values()) <= MOST_KEYS:
        raise invalid("Too many items requested for the BatchGetItem call")
    answers: dict[str, list[Item]] = {}
    for name, wanted in asked.items():
        table = tables(name)
        keys = [table.check_key(key) for key in wanted["Keys"]]
        if len(set(keys)) < len(keys):
            raise invalid("Provided list of item keys contains duplicates")
        answers[name] = [project(table.get(key), wanted) for key in keys if table.get(key)]
    return {"Responses": answers, "UnprocessedKeys": {}}


def transact_get_items(request: Request, tables: Tables) -> dict[str, Any]:
    asked = [each["Get"] for each in request["TransactItems"]]
    if not 1 <= len(asked) <= MOST_KEYS:
        raise invalid("Member must have length less than or equal to 100")
    keys = [(each["TableName"], tables(each["TableName"]).check_key(each["Key"])) for each in asked]
    if len(set(keys)) < len(keys):
        raise invalid("Transaction request cannot include multiple operations on one item")
    return {"Responses": [get_item(each, tables) for each in asked]}


def query(request: Request, tables: Tables) -> dict[str, Any]:
    table, index = tables(request["TableName"]), request.get("IndexName", "")
    schema, condition = table.index(index), parse_condition(request["KeyConditionExpression"])
    if index and request.get("ConsistentRead"):
        raise invalid("Consistent reads are not supported on global secondary indexes")
    scope = Scope(*check_request(request, condition), {})
    partition = check_key_condition(condition, schema, scope)
    descending = not request.get("ScanIndexForward", True)
    items = [
        item
        for item in table.partition(index, partition, descending=descending)
        if holds(condition, Scope(scope.names, scope.values, item))
    ]
    if start := request.get("ExclusiveStartKey"):
        order, after = table.order(index), table.order(index)(check_start(table, index, start))
        items = [item for item in items if (order(item) < after if descending else order(item) > after)]
    return page(items, request, table, index)


def check_start(table: Table, index: str, start: Item) -> Item:
    if start.keys() != {*table.schema.names, *table.index(index).names}:
        raise invalid("The provided starting key is invalid")
    return start


def check_request(request: Request, *trees: Any) -> tuple[dict[str, str], dict[str, Any]]:
    """The names and values, all of which are spoken of."""
    names, values = names_and_values(request)
    spoken = [*trees]
    if "FilterExpression" in request:
        spoken.append(parse_condition(request["FilterExpression"]))
    if "ProjectionExpression" in request:
        spoken.append(parse_projection(request["ProjectionExpression"]))
    check_placeholders(tuple(spoken), names, values)
    return names, values


def check_key_condition(tree: Any, schema: Schema, scope: Scope) -> Any:
    """The partition that a key condition names. Raises for what is no key condition of this index."""
    parts = [tree.left, tree.right] if isinstance(tree, Both) else [tree]
    found = {name_of(part, scope): part for part in parts}
    first = found.pop(schema.names[0], None)
    if not isinstance(first, Compare) or first.sign != "=" or not isinstance(first.right, Given):
        raise invalid(f"Query condition missed key schema element: {schema.names[0]}")
    if len(found) != len(parts) - 1 or found.keys() - set(schema.names[1:]):
        raise invalid("Query key condition not supported")
    for part in found.values():
        if isinstance(part, Compare) and part.sign not in SORT_SIGNS:
            raise invalid("Query key condition not supported")
    check_types(parts, schema, scope)
    return scope.values[first.right.name]


def name_of(part: Any, scope: Scope) -> str:
    """The attribute that one part of a key condition is about."""
    operand = part.arguments[0] if isinstance(part, Call) and part.function == "begins_with" else None
    operand = (
        part.left if isinstance(part, Compare) else part.operand if isinstance(part, Between) else operand
    )
    if not isinstance(operand, Path) or len(operand.steps) != 1:
        raise invalid("Query key condition not supported")
    return str(scope.steps(operand)[0])


def check_types(parts: list[Any], schema: Schema, scope: Scope) -> None:
    types = dict(zip(schema.names, schema.types, strict=True))
    for part in parts:
        given = [each for each in flatten(part) if isinstance(each, Given)]
        if any(split(scope.values[each.name])[0] != types[name_of(part, scope)] for each in given):
            raise invalid(
                "One or more parameter values were invalid: Condition parameter type does not match"
            )


def flatten(tree: Any) -> list[Any]:
    if isinstance(tree, (Given, Path)):
        return [tree]
    return [found for each in tree for found in flatten(each)] if isinstance(tree, tuple) else []


def page(items: list[Item], request: Request, table: Table, index: str) -> dict[str, Any]:
    """One page of what was found: to the limit, or to a MiB; filtered after that."""
    limit, scanned, taken = request.get("Limit", len(items) + 1), list[Item](), 0
    if limit < 1:
        raise invalid("Limit must be greater than or equal to 1")
    for item in items:
        if len(scanned) == limit or taken >= PAGE_BYTES:
            break
        scanned.append(item)
        taken += measure_item(item)
    answer: dict[str, Any] = {"ScannedCount": len(scanned)}
    if scanned and (len(scanned) == limit or len(scanned) < len(items)):
        answer["LastEvaluatedKey"] = table.start(index, scanned[-1])
    if "FilterExpression" in request:
        tree, (names, values) = parse_condition(request["FilterExpression"]), names_and_values(request)
        scanned = [item for item in scanned if holds(tree, Scope(names, values, item))]
    found = (
        {} if request.get("Select") == "COUNT" else {"Items": [project(item, request) for item in scanned]}
    )
    return answer | found | {"Count": len(scanned)}


def scan(request: Request, tables: Tables) -> dict[str, Any]:
    table = tables(request["TableName"])
    check_request(request)
    items = list(table.items.values())
    if start := request.get("ExclusiveStartKey"):
        keys = list(table.items)
        items = items[keys.index(table.check_key(start)) + 1 :]
    return page(items, request, table, "")
