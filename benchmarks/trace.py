"""Every call of AWS that a block makes: which it was, of which items, and which lines led to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.client import BaseClient

PORTAL = str(Path(__file__).parents[1] / "portal")
UNDER_ALL = str(Path(PORTAL) / "aws" / "client")  # makes every call, and so says nothing of any


@dataclass(frozen=True)
class Call:
    """operation: such as `dynamodb.GetItem`; items: of each item its kind of partition and its sort key;
    made_by: the lines that led to it, the innermost first; answer: empty where it was refused.
    """

    operation: str
    items: tuple[str, ...]
    made_by: tuple[str, ...]
    parameters: dict[str, Any] = field(repr=False)
    answer: dict[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.operation:<28} {', '.join(self.items)}\n    {' < '.join(self.made_by)}"


class Trace(list[Call]):
    def __str__(self) -> str:
        return "\n".join(f"{number:2}. {call}" for number, call in enumerate(self, 1))


@contextmanager
def trace_calls() -> Iterator[Trace]:
    """The calls of this process, whatever client makes them, in their order."""
    plain, found = BaseClient._make_api_call, Trace()  # type: ignore[attr-defined]

    def traced(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        name, answer = f"{client.meta.service_model.service_name}.{operation}", dict[str, Any]()
        items, made_by = tuple(list_items(parameters)), tuple(list_callers())
        try:
            answer = plain(client, operation, parameters)
        finally:
            found.append(Call(name, items, made_by, parameters, answer))
        return answer

    BaseClient._make_api_call = traced  # type: ignore[attr-defined]
    try:
        yield found
    finally:
        BaseClient._make_api_call = plain  # type: ignore[attr-defined]


def list_callers(most: int = 3) -> Iterator[str]:
    frame, left = sys._getframe(2), most
    while frame.f_back and left:
        frame, place = frame.f_back, frame.f_code.co_filename
        if place.startswith(PORTAL) and not place.startswith(UNDER_ALL):
            left -= 1
            yield f"{Path(place).stem}:{frame.f_lineno} {frame.f_code.co_name}"


def list_items(parameters: dict[str, Any]) -> Iterator[str]:
    """What a call of the table is about, without what tells one person or share from another."""
    for each in parameters.get("TransactItems", []):
        ((kind, write),) = each.items()
        yield f"{kind} {name_item(write.get('Item') or write['Key'])}"
    for asked in parameters.get("RequestItems", {}).values():
        yield from map(name_item, asked["Keys"])
    if "Key" in parameters and isinstance(parameters["Key"], dict):
        yield name_item(parameters["Key"])
    if "Item" in parameters:
        yield name_item(parameters["Item"])
    if "KeyConditionExpression" in parameters:
        yield f"{parameters.get('IndexName', 'table')}: {parameters['KeyConditionExpression']}"


def name_item(item: dict[str, Any]) -> str:
    kind, place = item["pk"]["S"].partition("#")[0], item["sk"]["S"].partition("#")[0]
    return kind if kind == place else f"{kind}/{place}"
