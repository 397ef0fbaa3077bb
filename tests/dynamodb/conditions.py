"""Whether a condition holds for an item. Source: developer guide, "Condition and filter expressions"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.dynamodb.errors import invalid
from tests.dynamodb.expressions import (
    Among,
    Between,
    Both,
    Call,
    Compare,
    Either,
    Given,
    Not,
    Path,
    placeholders,
)
from tests.dynamodb.values import ORDERED, SETS, Item, Value, normalize, sort_key, split


@dataclass(frozen=True)
class Scope:
    """What an expression's placeholders stand for, and the item that it is about."""

    names: Mapping[str, str]
    values: Mapping[str, Value]
    item: Item

    def steps(self, path: Path) -> list[str | int]:
        """A path in the attributes' own names."""
        return [self.names.get(step, step) if isinstance(step, str) else step for step in path.steps]

    def find(self, path: Path) -> Value | None:
        """What stands at a path; None where nothing does."""
        found: Any = {"M": self.item}
        for step in self.steps(path):
            kind, content = split(found)
            if isinstance(step, str):
                found = content.get(step) if kind == "M" else None
            else:
                found = content[step] if kind == "L" and step < len(content) else None
            if found is None:
                return None
        return dict(found)

    def value(self, operand: Any) -> Value | None:
        """What an operand of a condition comes to."""
        if isinstance(operand, Given):
            return self.values[operand.name]
        if isinstance(operand, Path):
            return self.find(operand)
        return size(self.value(operand.arguments[0]), isinstance(operand.arguments[0], Given))


def size(value: Value | None, is_given: bool) -> Value | None:
    """The number of characters, bytes or members; None where a value has no size."""
    if value is None:
        return None
    kind, content = split(value)
    if kind in {"N", "BOOL", "NULL"}:
        if is_given:
            raise invalid("Invalid operand type for operator or function; operator or function: size")
        return None
    if kind == "B":
        return {"N": str(len(sort_key(value)))}
    return {"N": str(len(content.encode()) if kind == "S" else len(content))}


def check_placeholders(trees: Any, names: Mapping[str, str], values: Mapping[str, Value]) -> None:
    """Every placeholder stands for something, and everything given has its placeholder."""
    wanted = placeholders(trees)
    if missing := sorted(wanted - names.keys() - values.keys()):
        raise invalid(f"Invalid expression: an expression attribute name or value is not defined: {missing}")
    if unused := sorted(names.keys() - wanted):
        raise invalid(f"Value provided in ExpressionAttributeNames unused in expressions: keys: {unused}")
    if unused := sorted(values.keys() - wanted):
        raise invalid(f"Value provided in ExpressionAttributeValues unused in expressions: keys: {unused}")


def holds(tree: Any, scope: Scope) -> bool:
    """Whether a condition holds. All of it is looked at, as a type that does not fit is an error anywhere."""
    match tree:
        case Both(left, right):
            return holds(left, scope) & holds(right, scope)
        case Either(left, right):
            return holds(left, scope) | holds(right, scope)
        case Not(condition):
            return not holds(condition, scope)
        case Compare(sign, left, right):
            return compare(sign, scope.value(left), scope.value(right))
        case Between(operand, low, high):
            value = scope.value(operand)
            return compare(">=", value, scope.value(low)) and compare("<=", value, scope.value(high))
        case Among(operand, options):
            return any(compare("=", scope.value(operand), scope.value(option)) for option in options)
        case Call(function, arguments):
            return FUNCTIONS[function](*(scope.value(each) for each in arguments))
    raise AssertionError(f"no condition: {tree}")


def compare(sign: str, left: Value | None, right: Value | None) -> bool:
    """Values of two types are not equal, and neither is the greater; what is not there is like nothing."""
    if sign in {"=", "<>"}:
        equal = left is not None and right is not None and normalize(left) == normalize(right)
        return equal == (sign == "=")
    if left is None or right is None or left.keys() != right.keys() or not left.keys() <= ORDERED:
        return False
    one, other = sort_key(left), sort_key(right)
    holding = {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}
    return holding[sign]


def begins_with(value: Value | None, start: Value | None) -> bool:
    if value is None or start is None or value.keys() != start.keys() or not value.keys() <= {"S", "B"}:
        return False
    return bool(sort_key(value).startswith(sort_key(start)))


def contains(value: Value | None, wanted: Value | None) -> bool:
    """Whether a text has a part, a set a member, or a list an element."""
    if value is None or wanted is None:
        return False
    kind, content = split(value)
    if kind in {"S", "B"}:
        return value.keys() == wanted.keys() and sort_key(wanted) in sort_key(value)
    if kind == "L":
        return normalize(wanted) in [normalize(each) for each in content]
    return kind in SETS and normalize(wanted) in [normalize({SETS[kind]: each}) for each in content]


def attribute_type(value: Value | None, kind: Value | None) -> bool:
    return value is not None and kind is not None and value.keys() == {kind.get("S")}


FUNCTIONS = {
    "attribute_exists": lambda value: value is not None,
    "attribute_not_exists": lambda value: value is None,
    "attribute_type": attribute_type, "begins_with": begins_with, "contains": contains,
}  # fmt: skip
