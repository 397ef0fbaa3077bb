"""A table's items, by key and by index. Source: the API reference, CreateTable and Query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.dynamodb.errors import invalid
from tests.dynamodb.values import Item, Value, sort_key

KEY_BYTES = (2048, 1024)
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Schema:
    """The attributes that a table or an index is kept by: a partition, and perhaps an order in it."""

    names: tuple[str, ...]
    types: tuple[str, ...]

    @classmethod
    def read(
        cls, key_schema: Sequence[Mapping[str, str]], definitions: Sequence[Mapping[str, str]]
    ) -> Schema:
        types = {each["AttributeName"]: each["AttributeType"] for each in definitions}
        names = [each["AttributeName"] for each in sorted(key_schema, key=lambda each: each["KeyType"])]
        return cls(tuple(names), tuple(types[name] for name in names))

    def key(self, item: Mapping[str, Value]) -> Key:
        return tuple(sort_key(item[name]) for name in self.names)

    def has(self, item: Mapping[str, Value]) -> bool:
        """Whether the item is in this index."""
        return all(name in item for name in self.names)


@dataclass
class Table:
    """keeps: the items by key. partitions: by index ("" for the table itself), then by partition, the items'
    keys.
    """

    schema: Schema
    indexes: Mapping[str, Schema]
    items: dict[Key, Item] = field(default_factory=dict)
    partitions: dict[str, dict[Any, dict[Key, Item]]] = field(default_factory=dict)

    @classmethod
    def create(cls, request: Mapping[str, Any]) -> Table:
        definitions = request["AttributeDefinitions"]
        indexes = {
            index["IndexName"]: Schema.read(index["KeySchema"], definitions)
            for index in request.get("GlobalSecondaryIndexes", [])
        }
        return cls(Schema.read(request["KeySchema"], definitions), indexes)

    def index(self, name: str) -> Schema:
        if name and name not in self.indexes:
            raise invalid(f"The table does not have the specified index: {name}")
        return self.indexes[name] if name else self.schema

    def check_key(self, key: Mapping[str, Value]) -> Key:
        """The key that a request names, exactly."""
        if key.keys() != set(self.schema.names):
            raise invalid("The provided key element does not match the schema")
        return self.check_key_of(key)

    def check_key_of(self, item: Mapping[str, Value]) -> Key:
        """The key of an item, whose other attributes fit the indexes too."""
        for place, (name, kind) in enumerate(zip(self.schema.names, self.schema.types, strict=True)):
            if name not in item:
                raise invalid(
                    f"One or more parameter values were invalid: Missing the key {name} in the item"
                )
            if item[name].keys() != {kind}:
                raise invalid(f"One or more parameter values were invalid: Type mismatch for key {name}")
            check_key_value(name, item[name], KEY_BYTES[place])
        for schema in self.indexes.values():
            for name, kind in zip(schema.names, schema.types, strict=True):
                if name in item and item[name].keys() != {kind}:
                    raise invalid(
                        f"One or more parameter values were invalid: Type mismatch for Index Key {name}"
                    )
                if name in item:
                    check_key_value(name, item[name], KEY_BYTES[0])
        return self.schema.key(item)

    def get(self, key: Key) -> Item:
        """The item; empty where there is none."""
        return self.items.get(key, {})

    def put(self, key: Key, item: Item) -> None:
        self.remove(key)
        self.items[key] = item
        for name, schema in self.places(item):
            self.partitions.setdefault(name, {}).setdefault(sort_key(item[schema.names[0]]), {})[key] = item

    def remove(self, key: Key) -> None:
        before = self.items.pop(key, None)
        if before is not None:
            for name, schema in self.places(before):
                del self.partitions[name][sort_key(before[schema.names[0]])][key]

    def places(self, item: Item) -> Iterator[tuple[str, Schema]]:
        yield "", self.schema
        yield from ((name, schema) for name, schema in self.indexes.items() if schema.has(item))

    def partition(self, index: str, value: Value, *, descending: bool) -> list[Item]:
        """The items of one partition in order; those of one place in an index by their keys."""
        found = self.partitions.get(index, {}).get(sort_key(value), {})
        order = self.order(index)
        return sorted(found.values(), key=order, reverse=descending)

    def order(self, index: str) -> Any:
        schema = self.index(index)
        return lambda item: (schema.key(item)[1:], self.schema.key(item))

    def start(self, index: str, item: Item) -> Item:
        """What a page ended at, as LastEvaluatedKey says it."""
        return {name: item[name] for name in {*self.schema.names, *self.index(index).names}}


def check_key_value(name: str, value: Value, most: int) -> None:
    if value.keys() == {"N"}:
        return
    content = sort_key(value)
    if not content:
        raise invalid(f"One or more parameter values are not valid. Empty value for key attribute: {name}")
    if len(content) > most:
        raise invalid(
            f"One or more parameter values were invalid: Size of key {name} has exceeded {most} bytes"
        )
