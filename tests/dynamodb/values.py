"""Typed values, such as {"S": "text"}: checked, measured and compared as DynamoDB does.

Sources: "Supported data types and naming rules", "Item sizes and formats" and "Constraints" of the developer
guide.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from tests.dynamodb.errors import invalid

Value = dict[str, Any]
Item = dict[str, Value]
ITEM_BYTES = 400 * 1024
DIGITS = 38
PLAIN_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,37}")
ORDERED = {"S", "N", "B"}
SETS = {"SS": "S", "NS": "N", "BS": "B"}


def split(value: Value) -> tuple[str, Any]:
    """A value's type and content."""
    if len(value) != 1:
        raise invalid("Supplied AttributeValue has more than one datatypes set or is empty")
    return next(iter(value.items()))


def check_value(value: Value) -> Value:
    """The value as it is kept, its numbers in their shortest form. Raises what DynamoDB answers."""
    kind, content = split(value)
    if kind == "N":
        return {"N": shorten_number(content)}
    if kind in SETS:
        return {kind: check_set(kind, content)}
    if kind == "L":
        return {"L": [check_value(each) for each in content]}
    if kind == "M":
        return {"M": {name: check_value(each) for name, each in content.items()}}
    if kind not in {"S", "B", "BOOL", "NULL"}:
        raise invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
    return value


def check_set(kind: str, members: list[Any]) -> list[Any]:
    if not members:
        raise invalid("One or more parameter values were invalid: An number set  may not be empty")
    kept = [shorten_number(each) for each in members] if kind == "NS" else members
    if len(set(kept)) < len(kept):
        raise invalid("One or more parameter values were invalid: Input collection contains duplicates.")
    return kept


@lru_cache(maxsize=4096)
def shorten_number(text: str) -> str:
    if PLAIN_NUMBER.fullmatch(text):
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise invalid("The parameter cannot be converted to a numeric value") from None
    if not number.is_finite():
        raise invalid("The parameter cannot be converted to a numeric value")
    return write_number(number)


def write_number(number: Decimal) -> str:
    _, digits, _ = number.as_tuple()
    significant = "".join(map(str, digits)).strip("0")
    if len(significant) > DIGITS:
        raise invalid("Attempting to store more than 38 significant digits in a Number")
    if not significant:
        return "0"
    if number.adjusted() > 125 or number.adjusted() < -130:
        raise invalid("Number overflow or underflow")
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def normalize(value: Value) -> Any:
    """Equal for what DynamoDB calls equal, and hashable."""
    kind, content = split(value)
    if kind == "N":
        return kind, Decimal(content)
    if kind in SETS:
        return kind, frozenset(map(Decimal, content) if kind == "NS" else content)
    if kind == "L":
        return kind, tuple(normalize(each) for each in content)
    if kind == "M":
        return kind, frozenset((name, normalize(each)) for name, each in content.items())
    return kind, content


def sort_key(value: Value) -> Any:
    """What a string, a number or a binary is ordered by."""
    kind, content = split(value)
    if kind == "N":
        return Decimal(content)
    return content.encode() if kind == "S" else base64.b64decode(content)


def measure(value: Value) -> int:
    """Bytes that a value takes."""
    kind, content = split(value)
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content.lstrip("-").replace(".", "").strip("0")) // 2 + 2
    if kind == "B":
        return len(base64.b64decode(content))
    if kind in SETS:
        return sum(measure({SETS[kind]: each}) for each in content)
    if kind == "L":
        return 3 + sum(1 + measure(each) for each in content)
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + measure(each) for name, each in content.items())
    return 1


def measure_item(item: Mapping[str, Value]) -> int:
    return sum(len(name.encode()) + measure(value) for name, value in item.items())


def check_item(item: Mapping[str, Value]) -> Item:
    """The item as it is kept. Raises what DynamoDB answers to one that it does not keep."""
    kept = {name: check_value(value) for name, value in item.items()}
    if measure_item(kept) > ITEM_BYTES:
        raise invalid("Item size has exceeded the maximum allowed size")
    return kept


def check_values(values: Iterable[Value]) -> None:
    for value in values:
        check_value(value)
