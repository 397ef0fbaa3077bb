"""Marks: a record's place in the audit log, by which all records are in one order.

A mark is the record's time, a `#`, and what tells records of one moment apart, in the order they were made.
It names the day and the shard that the record is kept in, so a record is found by its mark alone.
"""

from __future__ import annotations

import re
import zlib
from datetime import UTC, date, datetime

SHARDS = 4  # of each day: DynamoDB takes 1,000 writes a second into a partition, half as many in transactions
MARK = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00#[0-9a-f]{8,40}")


def make_mark(at: datetime, sequence: int, chance: str) -> str:
    """sequence: among what one process made; chance: hexadecimal digits that no other process has."""
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')}#{sequence:08}{chance}"


def is_mark(text: str) -> bool:
    if not MARK.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.partition("#")[0])
    except ValueError:  # such as the 30th of February
        return False
    return True


def read_day(mark: str) -> date:
    """The day (UTC) that a record is kept under."""
    return date.fromisoformat(mark[:10])


def behind_day(day: date) -> str:
    """The position in the log behind a day's last record."""
    return f"{day.isoformat()}~"


def shard_of(mark: str) -> int:
    """The shard of its day: by a hash, so that records of one moment are spread as well."""
    return zlib.crc32(mark.encode()) % SHARDS


def write_in_address(mark: str) -> str:
    """The mark as a part of a web address, where `#` and `+` mean other things."""
    return mark.replace("+00:00#", "~")


def read_from_address(text: str) -> str | None:
    """The mark that a part of a web address names; None where it names none."""
    mark = text.replace("~", "+00:00#")
    return mark if is_mark(mark) and write_in_address(mark) == text else None
