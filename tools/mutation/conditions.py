"""Conditions of DynamoDB as text, changed in one part each so that the request stays a valid one.

A part that is to go is not cut out: the service refuses values that no expression speaks of, and a test that
fails for that proves nothing. It becomes what always holds, or never does, with the same names and values. In
a key condition only comparisons and AND are allowed, so there the part goes, and with it what it alone spoke
of (plugin.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

NAME, VALUE = r"#[\w{}.\[\]#]+", r":[\w{}]+"
PART = re.compile(
    rf"attribute_(?:not_)?exists\({NAME}\)|(?:begins_with|contains)\({NAME}, {VALUE}\)"
    rf"|(?:size\({NAME}\)|{NAME}) (?:=|<>|<=|>=|<|>) {VALUE}|{NAME} IN \([^)]*\)"
    rf"|{NAME} BETWEEN {VALUE} AND {VALUE}"
)
SIGN = re.compile(r" (<>|<=|>=|<|>|=) ")
SIGNS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "="}
CHANGE = re.compile(r"^[\s,]*(?:SET|ADD|REMOVE|DELETE)\b|^, #")
KEY = re.compile(r"^(?:#(?:pk|list_pk|due_kind) = :\w+|\{condition\} AND )")
MORE_OF_KEY = re.compile(rf" AND ({PART.pattern})")


def change_condition(text: str) -> Iterator[str]:
    """The text with one part changed, once for each way; nothing for other texts."""
    if CHANGE.search(text) or not PART.search(text):
        return
    if KEY.search(text):
        yield from change_key_condition(text)
        return
    for found in PART.finditer(text):
        part, before, after = found[0], text[: found.start()], text[found.end() :]
        yield f"{before}({part} OR NOT {part}){after}"  # always holds
        if stands_by_or(before, after):
            yield f"{before}({part} AND NOT {part}){after}"  # never holds
        if sign := SIGN.search(part):
            yield f"{before}{part[: sign.start(1)]}{SIGNS[sign[1]]}{part[sign.end(1) :]}{after}"


def change_key_condition(text: str) -> Iterator[str]:
    for found in MORE_OF_KEY.finditer(text):
        before, after = text[: found.start()], text[found.end() :]
        yield before + after
        sign = SIGN.search(found[1])
        if sign and sign[1] in {"<", "<=", ">", ">="}:
            yield f"{before} AND {found[1][: sign.start(1)]}{SIGNS[sign[1]]}{found[1][sign.end(1) :]}{after}"


def stands_by_or(before: str, after: str) -> bool:
    return before.endswith("OR ") or after.startswith(" OR")
