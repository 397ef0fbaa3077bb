"""The kinds of values that JSON brings and gets, read strictly: what is wrong is a code, whose words
are here.

A text is no number, 1 is not true, and what nobody knows is refused by its name (R23).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from portal.domain.errors import N_, Invalid, Refusal, Several
from portal.domain.ids import ID

WORDS: Mapping[str, str] = {
    "missing": N_("%(field)s is missing."),
    "unknown": N_("%(field)s is not known here."),
    "text": N_("%(field)s must be a text."),
    "number": N_("%(field)s must be a whole number."),
    "flag": N_("%(field)s must be true or false."),
    "time": N_("%(field)s must be a time with its zone, such as 2026-11-30T18:00:00Z."),
    "list": N_("%(field)s must be a list."),
    "object": N_("%(field)s must be an object."),
    "length": N_("%(field)s is too long or too short."),
    "range": N_("%(field)s is too large or too small."),
    "choice": N_("%(field)s is none of the values that are allowed."),
    "pattern": N_("%(field)s does not have the form that it must have."),
}
MAX_ADDRESSES, MAX_FILES = 500, 40
MAX_ERRORS = 50
NEEDED = {"required": "missing", "null": "missing", "validator_failed": "choice"}


class Text(fields.String):
    default_error_messages = {**NEEDED, "invalid": "text", "invalid_utf8": "text"}


class Whole(fields.Integer):
    default_error_messages = {**NEEDED, "invalid": "number", "too_large": "number"}

    def __init__(self, **how: Any) -> None:
        super().__init__(strict=True, **how)

    def _deserialize(self, value: Any, *args: Any, **named: Any) -> int:
        if isinstance(value, (bool, str)):
            raise self.make_error("invalid", input=value)
        found: int = super()._deserialize(value, *args, **named)
        return found


class Flag(fields.Boolean):
    default_error_messages = {**NEEDED, "invalid": "flag"}

    def _deserialize(self, value: Any, *args: Any, **named: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Moment(fields.AwareDateTime):
    """By RFC 3339, with its zone."""

    default_error_messages = {
        **NEEDED, "invalid": "time", "invalid_awareness": "time", "format": "time",
    }  # fmt: skip

    def __init__(self, **how: Any) -> None:
        super().__init__(format="iso", **how)

    def _deserialize(self, value: Any, *args: Any, **named: Any) -> Any:
        if not isinstance(value, str) or not RFC_3339.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type="time")
        return super()._deserialize(value, *args, **named)


class ListOf(fields.List[Any]):
    default_error_messages = {**NEEDED, "invalid": "list"}


class Part(fields.Nested):
    """An object within."""

    default_error_messages = {**NEEDED}


RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)")


def length(least: int, most: int) -> validate.Length:
    return validate.Length(least, most, error="length")


def between(least: int, most: int) -> validate.Range:
    return validate.Range(least, most, error="range")


def one_of(*values: str) -> validate.OneOf:
    return validate.OneOf(values, error="choice")


def id_text(**how: Any) -> Text:
    return Text(validate=validate.Regexp(f"^{ID.pattern}$", error="pattern"), **how)


def list_of(kind: fields.Field[Any], most: int, least: int = 0, **how: Any) -> ListOf:
    return ListOf(kind, validate=length(least, most), **how)


class Asked(Schema):
    """What a program says: nothing in it is passed over."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "unknown", "type": "object"}


class Told(Schema):
    """What a program is told."""

    class Meta:
        unknown = EXCLUDE


def load(schema: Schema, said: Any) -> dict[str, Any]:
    """What was said, as the schema reads it. Raises one refusal for each thing that is wrong."""
    try:
        found: dict[str, Any] = schema.load(said)
    except ValidationError as problem:
        refusals = [describe(*each) for each in list_problems(problem.messages)][:MAX_ERRORS]
        raise refusals[0] if len(refusals) == 1 else Several(list(refusals)) from problem
    return found


def list_problems(messages: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Each field that is wrong, by its path, with the code of what is."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from list_problems(inner, at if name == "_schema" else f"{at}.{name}".lstrip("."))
    elif isinstance(messages, Sequence) and not isinstance(messages, str):
        yield at, str(messages[0])


def describe(field: str, code: str) -> Refusal:
    name = field[:80] or "body"
    return Invalid(WORDS.get(code, WORDS["choice"]), field=name, reason=code, params={"field": name})
