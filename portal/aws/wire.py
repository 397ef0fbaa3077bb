"""Between Python's values and DynamoDB's typed JSON (developer guide, "Data type descriptors").

boto3 has this as `boto3.dynamodb.types`; importing it brings boto3 and s3transfer along, a third of what a
cold start costs. The portal keeps texts, whole numbers, booleans, nothing, maps, lists and sets of texts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

TO: dict[type, Callable[[Any], dict[str, Any]]] = {
    str: lambda value: {"S": str(value)},
    bool: lambda value: {"BOOL": value},
    int: lambda value: {"N": str(value)},
    type(None): lambda value: {"NULL": True},
    dict: lambda value: {"M": {name: to_wire(each) for name, each in value.items()}},
    list: lambda value: {"L": [to_wire(each) for each in value]},
    set: lambda value: {"SS": sorted(value)},
}
FROM: dict[str, Callable[[Any], Any]] = {
    "S": str,
    "BOOL": bool,
    "N": int,
    "NULL": lambda value: None,
    "M": lambda value: {name: from_wire(each) for name, each in value.items()},
    "L": lambda value: [from_wire(each) for each in value],
    "SS": set,
}


def to_wire(value: Any) -> dict[str, Any]:
    """Raises TypeError for what the portal does not keep, such as a fraction or a set of numbers."""
    for kind in type(value).__mro__:
        if kind in TO:
            return TO[kind](value)
    raise TypeError(f"{type(value).__name__} cannot be kept in the table")


def from_wire(value: Mapping[str, Any]) -> Any:
    [(kind, inside)] = value.items()
    return FROM[kind](inside)
