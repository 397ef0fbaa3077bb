"""The read and write units of a trace, as DynamoDB counts them ("Read/write capacity mode", on demand).

A read of 4 KB takes a unit, half a one where it is eventually consistent, two in a transaction; a write of
1 KB takes one, two in a transaction, and one more for each index that the item is in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from benchmarks.trace import Call, Trace
from tests.dynamodb.tables import Table

READ_BYTES, WRITE_BYTES = 4096, 1024
WRITES = {"PutItem", "UpdateItem", "DeleteItem"}
READS = {"GetItem", "BatchGetItem", "Query", "TransactGetItems"}


def measure(value: Mapping[str, Any]) -> int:
    """The bytes of an attribute's value ("DynamoDB item sizes and formats")."""
    ((kind, held),) = value.items()
    if kind == "S":
        return len(held.encode())
    if kind == "N":
        return ceil(len(held.strip("-").replace(".", "")) / 2) + 1
    if kind in {"SS", "NS"}:
        return sum(len(each.encode()) for each in held)
    if kind == "L":
        return 3 + sum(1 + measure(each) for each in held)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + measure(each) for name, each in held.items())
    return 1


def measure_item(item: Mapping[str, Any]) -> int:
    return sum(len(name.encode()) + measure(each) for name, each in item.items())


def count_reads(call: Call) -> float:
    """Of the items that it answered with; one that is not there takes a unit all the same."""
    operation = call.operation.partition(".")[2]
    answer = call.answer
    if operation == "Query":
        size = sum(map(measure_item, answer["Items"]))
        return max(1, ceil(size / READ_BYTES)) / (1 if call.parameters.get("ConsistentRead") else 2)
    if operation == "GetItem":
        return read_units([answer["Item"]] if "Item" in answer else [], 1)
    asked = call.parameters.get("RequestItems", {}).values()
    found = [item for items in answer.get("Responses", {}).values() for item in items]
    return read_units(found, sum(len(each["Keys"]) for each in asked))


def read_units(found: Iterable[Mapping[str, Any]], asked: int) -> int:
    sizes = [max(1, ceil(measure_item(each) / READ_BYTES)) for each in found]
    return sum(sizes) + asked - len(sizes)


def count_writes(call: Call, tables: Mapping[str, Table]) -> int:
    """By the items as they are afterwards, which is what most of them take; a check reads, and is billed as
    a write.
    """
    operation = call.operation.partition(".")[2]
    if operation in WRITES:
        return write_units(call.parameters, tables, 1)
    writes = [write for each in call.parameters.get("TransactItems", []) for write in each.values()]
    return sum(write_units(each, tables, 2) for each in writes)


def write_units(write: Mapping[str, Any], tables: Mapping[str, Table], times: int) -> int:
    table, key = tables[write["TableName"]], write.get("Item") or write["Key"]
    item = table.get(table.schema.key(key)) or key
    units = max(1, ceil(measure_item(item) / WRITE_BYTES))
    is_check = "UpdateExpression" not in write and "Item" not in write and "ConditionExpression" in write
    lists = 0 if is_check else sum(schema.has(item) for schema in table.indexes.values())
    return units * (times + lists)


def count_units(trace: Trace, tables: Mapping[str, Table]) -> tuple[float, int]:
    """Of reads and of writes."""
    table_calls = [each for each in trace if each.operation.startswith("dynamodb.")]
    reads = [each for each in table_calls if each.operation.partition(".")[2] in READS]
    writes = [each for each in table_calls if each not in reads]
    return sum(map(count_reads, reads)), sum(count_writes(each, tables) for each in writes)
