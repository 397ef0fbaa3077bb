"""Between the domain's frozen data and DynamoDB's items.

A field is kept under its own name; what is empty is left out. Written here and not taken from a library
(cattrs does this well) because every import is paid for by the partner who meets a cold start.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

T = TypeVar("T")
Reader = Callable[[Any], Any]  # of one field


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
        name: read(item[name]) if read else item[name]
        for name, read in list_readers(cast(Hashable, kind)).items()
        if name in item
    }
    return kind(**found)


@cache
def list_readers(kind: Hashable) -> dict[str, Reader | None]:
    """How each field of a dataclass is read; None where it is kept as it is."""
    return {name: make_reader(hint) for name, hint in typing.get_type_hints(kind).items()}


def make_reader(hint: Any) -> Reader | None:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return make_reader(next(each for each in arguments if each is not types.NoneType))
    if origin in {tuple, frozenset}:
        read = make_reader(arguments[0])
        return lambda raw: origin(map(read, raw) if read else raw)
    if origin in {dict, Mapping} or getattr(origin, "__name__", "") == "Mapping":
        inner = make_reader(arguments[1]) or (lambda raw: raw)
        return lambda raw: {key: inner(each) for key, each in raw.items()}
    if hint in {datetime, date}:
        return cast(Reader, hint.fromisoformat)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return lambda raw: unpack(hint, raw)
    return hint if isinstance(hint, type) and issubclass(hint, Enum) else None


def seconds(at: datetime) -> int:
    """A time as DynamoDB's `ttl` and the list of what is due have it."""
    return int(at.timestamp())


def moment(at: datetime) -> str:
    """A time as text of fixed width, so that order of text is order of time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
