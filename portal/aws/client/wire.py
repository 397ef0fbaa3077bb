"""Between Python's values and DynamoDB's typed JSON (developer guide, "Data type descriptors"), by boto3."""

from __future__ import annotations

from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer


class WholeNumbers(TypeDeserializer):
    """The portal keeps whole numbers only; boto3 would make each a Decimal, which JSON and ranges refuse."""

    def _deserialize_n(self, value: str) -> int:
        return int(value)


writer, reader = TypeSerializer(), WholeNumbers()


def to_wire(value: Any) -> dict[str, Any]:
    """Raises TypeError for what DynamoDB does not keep, such as a float."""
    return dict(writer.serialize(value))


def from_wire(value: Any) -> Any:
    """Whole numbers come back as int; ValueError for a fraction, which the portal never writes."""
    return value["S"] if "S" in value else reader.deserialize(value)  # most are text
