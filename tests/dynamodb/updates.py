"""What an update makes of an item. Source: "Update expressions" of the developer guide."""

from __future__ import annotations

import copy
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from tests.dynamodb.conditions import Scope
from tests.dynamodb.errors import invalid
from tests.dynamodb.expressions import Given, Path, Update
from tests.dynamodb.values import SETS, Item, Value, split, write_number

WRONG_TYPE = "An operand in the update expression has an incorrect data type"
NO_PLACE = "The document path provided in the update expression is invalid for update"
NOT_THERE = "The provided expression refers to an attribute that does not exist in the item"


def apply_update(update: Update, scope: Scope, key_names: Collection[str]) -> Item:
    """The item afterwards; every operand is read from the item as it was before."""
    check_paths(update, scope, key_names)
    item = copy_of(scope.item, update)
    for path, operand in update.sets:
        lay(item, scope.steps(path), evaluate(operand, scope))
    for path, given in update.adds:
        lay(item, scope.steps(path), add(scope.find(path), scope.values[given.name]))
    for path, given in update.deletes:
        remaining = subtract(scope.find(path), scope.values[given.name])
        (lay if remaining else remove)(item, scope.steps(path), *([remaining] if remaining else []))
    # Later elements first, so that earlier ones keep their places.
    for steps in sorted((scope.steps(path) for path in update.removes), key=str, reverse=True):
        remove(item, steps)
    return item


def copy_of(item: Item, update: Update) -> Item:
    """Deep only where something within an attribute changes."""
    paths = (*(pair[0] for pair in (*update.sets, *update.adds, *update.deletes)), *update.removes)
    return dict(item) if all(len(path.steps) == 1 for path in paths) else copy.deepcopy(item)


def check_paths(update: Update, scope: Scope, key_names: Collection[str]) -> None:
    """No path is a part of the key, and none lies in another."""
    pairs = (*update.sets, *update.adds, *update.deletes)
    paths = [scope.steps(path) for path in (*(path for path, _ in pairs), *update.removes)]
    for place, steps in enumerate(paths):
        if steps[0] in key_names:
            raise invalid(f"Cannot update attribute {steps[0]}. This attribute is part of the key")
        for other in paths[place + 1 :]:
            shorter = min(len(steps), len(other))
            if steps[:shorter] == other[:shorter]:
                raise invalid("Invalid UpdateExpression: Two document paths overlap with each other")


def evaluate(operand: Any, scope: Scope) -> Value:
    """What SET's right side comes to."""
    if isinstance(operand, Given):
        return scope.values[operand.name]
    if isinstance(operand, Path):
        if (found := scope.find(operand)) is None:
            raise invalid(NOT_THERE)
        return found
    left, right = operand.arguments
    if operand.function == "if_not_exists":
        found = scope.find(left)
        return evaluate(right, scope) if found is None else found
    one, other = evaluate(left, scope), evaluate(right, scope)
    if operand.function == "list_append":
        return {"L": [*content_of(one, "L"), *content_of(other, "L")]}
    number = Decimal(content_of(other, "N"))
    return {
        "N": write_number(Decimal(content_of(one, "N")) + (number if operand.function == "+" else -number))
    }


def content_of(value: Value, kind: str) -> Any:
    if value.keys() != {kind}:
        raise invalid(WRONG_TYPE)
    return value[kind]


def add(before: Value | None, given: Value) -> Value:
    """A number grows, a set gets members; what is not there counts as nothing."""
    kind, content = split(given)
    if kind not in {"N", *SETS}:
        raise invalid(f"Incorrect operand type for operator or function; operator: ADD, operand type: {kind}")
    if before is None:
        return given
    known = content_of(before, kind)
    if kind == "N":
        return {"N": write_number(Decimal(known) + Decimal(content))}
    return {kind: [*known, *(each for each in content if each not in known)]}


def subtract(before: Value | None, given: Value) -> Value | None:
    """A set without these members; None where none is left."""
    kind, content = split(given)
    if kind not in SETS:
        raise invalid(
            f"Incorrect operand type for operator or function; operator: DELETE, operand type: {kind}"
        )
    if before is None:
        return None
    remaining = [each for each in content_of(before, kind) if each not in content]
    return {kind: remaining} if remaining else None


def container(item: Item, steps: list[str | int]) -> Any:
    """The map or list that a path's last step is in."""
    found: Any = {"M": item}
    for place, step in enumerate(steps):
        kind, content = split(found)
        fits = kind == ("M" if isinstance(step, str) else "L")
        if not fits:
            raise invalid(NO_PLACE)
        if place == len(steps) - 1:
            return content
        try:
            found = content[step]
        except (KeyError, IndexError):
            raise invalid(NO_PLACE) from None
    raise AssertionError("a path has steps")


def lay(item: Item, steps: list[str | int], value: Value) -> None:
    """Put a value at a path; beyond a list's end it is appended."""
    place, last = container(item, steps), steps[-1]
    if isinstance(last, int) and last >= len(place):
        place.append(value)
    else:
        place[last] = value


def remove(item: Item, steps: list[str | int]) -> None:
    place, last = container(item, steps), steps[-1]
    if isinstance(last, str):
        place.pop(last, None)
    elif last < len(place):
        del place[last]
