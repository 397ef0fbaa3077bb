"""Between the domain's frozen data and DynamoDB's items.

A field is kept under its own name; what is empty is left out. Written here and not taken from a library
(cattrs does this well) because every import is paid for by the partner who meets a cold start.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Hashable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")


def pack(thing: Any) -> Any:
    """A value as DynamoDB keeps it: maps, lists, texts, whole numbers; times as text that sorts."""
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        fields = {each.name: pack(getattr(thing, each.name)) for each in dataclasses.fields(thing)}
        return {name: value for name, value in fields.items() if value is not None and value != set()}
    if isinstance(thing, datetime):
        return moment(thing)
    if isinstance(thing, date):
        return thing.isoformat()
    if isinstance(thing, Enum):
        return thing.value
    if isinstance(thing, Mapping):
        return {str(key): pack(value) for key, value in thing.items()}
    if isinstance(thing, frozenset):
        return {pack(each) for each in thing}
    if isinstance(thing, (tuple, list)):
        return [pack(each) for each in thing]
    return thing


def unpack(kind: type[T], item: Mapping[str, Any]) -> T:
    """The domain's object out of an item; attributes it does not know are passed over, absent ones
    default.
    """
    found = {
        name: value(hint, item[name]) for name, hint in hints(cast(Hashable, kind)).items() if name in item
    }
    return kind(**found)


def value(hint: Any, raw: Any) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return value(next(each for each in arguments if each is not types.NoneType), raw)
    if origin is tuple:
        return tuple(value(arguments[0], each) for each in raw)
    if origin is frozenset:
        return frozenset(value(arguments[0], each) for each in raw)
    if origin in {dict, Mapping} or getattr(origin, "__name__", "") == "Mapping":
        return {key: value(arguments[1], each) for key, each in raw.items()}
    if hint in {datetime, date}:
        return hint.fromisoformat(raw)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return unpack(hint, raw)
    return hint(raw) if isinstance(hint, type) and issubclass(hint, Enum) else raw


@cache
def hints(kind: Hashable) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def seconds(at: datetime) -> int:
    """A time as DynamoDB's `ttl` and the list of what is due have it."""
    return int(at.timestamp())


def moment(at: datetime) -> str:
    """A time as text of fixed width, so that order of text is order of time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
