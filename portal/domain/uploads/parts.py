"""Sending a file in parts: how large they are, how many, and which of them are still missing (R31).

Source: "Amazon S3 multipart upload limits": 1 to 10,000 parts of 5 MiB to 5 GiB, the last may be smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

MIB = 1024**2
MAX_PARTS = 10_000
LARGE = 512 * MIB
CONNECTIONS = 6  # which browsers keep to one host, HTTP/2 apart, and S3 has no HTTP/2


@dataclass(frozen=True)
class Part:
    """A part that S3 has. sha256: in base64, as S3 writes it; empty where the part was sent without."""

    number: int
    size: int
    etag: str
    sha256: str
    modified_at: datetime


class AssemblyResult(StrEnum):
    """What putting the parts of a file together came to."""

    DONE = "done"
    UPLOAD_GONE = "upload_gone"  # S3 knows no such upload, as after an answer that was lost
    PART_CHANGED = "part_changed"  # a part is another one than was listed


@dataclass(frozen=True)
class Begun:
    """An upload in parts that S3 knows."""

    key: str
    upload_id: str
    begun_at: datetime


@dataclass(frozen=True)
class AskedPart:
    """A part that a browser wants to send; sha256 in base64, empty for none."""

    number: int
    sha256: str = ""


@dataclass(frozen=True)
class SignedPart:
    """Where to put one part, with exactly these headers."""

    number: int
    url: str
    headers: dict[str, str]


def part_bytes(size: int, least: int) -> int:
    """The size of each part but the last: at least `least`, and so that 10,000 of them hold the file.

    Small parts lose little where a connection breaks. Large files get parts four times as large: each part
    waits for two answers, its own and a browser's preflight to an address that is new each time, and with a
    browser's six connections that wait is what bounds the speed (docs/uploads.md). A number of parts that six
    divides lets the six finish together.
    """
    each = max(least if size < LARGE else 4 * least, -(-size // MAX_PARTS))
    count = part_count(size, each)
    if count >= CONNECTIONS:
        each = max(each, -(-size // (count - count % CONNECTIONS)))
    return -(-each // MIB) * MIB


def part_count(size: int, each: int) -> int:
    return -(-size // each)


def size_of(number: int, size: int, each: int) -> int:
    """The bytes of the part of this number; the first is 1."""
    return min(each, size - (number - 1) * each)


def missing(found: Sequence[Part], size: int, each: int) -> list[int]:
    """The numbers of the parts that are not there, or not in their size."""
    right = {part.number for part in found if part.size == size_of(part.number, size, each)}
    return [number for number in range(1, part_count(size, each) + 1) if number not in right]
