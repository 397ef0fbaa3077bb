"""The keys of what seals the audit log (docs/audit.md), in the main table; all others are in keys.py."""

from __future__ import annotations

from datetime import datetime

from portal.aws.client.codec import moment
from portal.aws.client.writes import Key

DAY_ROOTS = "ROOTS"


def seal_head_key(shard: int) -> Key:
    return f"SEALING#{shard}", "HEAD"


def seals_partition(shard: int) -> str:
    """A shard's chain. Seals are in it by their numbers."""
    return f"SEALS#{shard}"


def place_of_seal(number: int) -> str:
    return f"{number:012}"


def seal_key(shard: int, number: int) -> Key:
    return seals_partition(shard), place_of_seal(number)


def leaves_partition(day: str, shard: int) -> str:
    """Which records of a day in a shard are sealed."""
    return f"SEALED#{day}#{shard}"


def leaves_key(span: str, shard: int, number: int) -> Key:
    """The leaves of one seal; a span, such as 2026-02-03T04:05, begins with its day."""
    return leaves_partition(span[:10], shard), f"{span}#{place_of_seal(number)}"


def late_partition(day: str) -> str:
    return f"LATE#{day}"


def late_span_key(at: datetime, span: str) -> Key:
    """That somebody was about to write late records of a span, once a minute of the clock."""
    return late_partition(moment(at)[:10]), f"{moment(at)[:16]}#{span}"


def day_root_key(day: str) -> Key:
    return DAY_ROOTS, f"{day}"
