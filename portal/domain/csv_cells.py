"""Tables as CSV (RFC 4180) whose cells no spreadsheet takes for a formula (R26)."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

# What a formula may begin with, in whatever width it is typed ("CSV Injection", OWASP).
BEGINS_FORMULA = "=+-@"
CONTROL = "\t\r\n\0"
PASSED_OVER = " \"'"  # before it, spreadsheets look further
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # so that Excel reads UTF-8


def guard_cell(value: object) -> str:
    """A cell's text. One that could begin a formula gets an apostrophe before it; whole numbers are none."""
    text = str(value)
    if isinstance(value, int):
        return text
    text = text.replace("\0", "")
    begun = text.lstrip(PASSED_OVER + "\N{NO-BREAK SPACE}")
    first = unicodedata.normalize("NFKC", begun[:1])[:1]
    dangerous = text[:1] in CONTROL or first in BEGINS_FORMULA or first in CONTROL
    return f"'{text}" if text and first and dangerous else text


def write_rows(rows: Iterable[Sequence[object]]) -> str:
    """The rows as they are to be sent, the heading among them."""
    written = io.StringIO()
    csv.writer(written).writerows([guard_cell(each) for each in row] for row in rows)
    return written.getvalue()
