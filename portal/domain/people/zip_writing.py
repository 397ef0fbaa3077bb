"""A ZIP archive that is written in pieces, by one worker after another: all that has to be known in between
are these few numbers.

Each piece of an entry is deflated by itself and ends on a whole byte, so that the next one can follow it
(RFC 1951, 3.2.4: an empty stored block). Checksum and sizes come behind the entry. Source: PKWARE's
APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16. Without ZIP64: entries of text stay far below 4 GiB.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

LAST_BLOCK = b"\x03\x00"  # an empty one that says that nothing follows
VERSION, BEHIND, DEFLATED = 20, 1 << 3, 8
LARGEST_BYTES = 2**32 - 1


@dataclass(frozen=True)
class ZipEntry:
    """begins: the byte of the archive at which it does. size, packed: in bytes, so far."""

    name: str
    begins: int
    crc: int = 0
    size: int = 0
    packed: int = 0


def begin_entry(entry: ZipEntry, at: datetime) -> bytes:
    header = struct.pack("<4s5H3I2H", b"PK\x03\x04", VERSION, BEHIND, DEFLATED, *dos_time(at), 0, 0, 0,
                         len(entry.name), 0)  # fmt: skip
    return header + entry.name.encode("ascii")


def add_piece(entry: ZipEntry, data: bytes) -> tuple[ZipEntry, bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
    return count(entry, data, packed), packed


def end_entry(entry: ZipEntry) -> tuple[ZipEntry, bytes]:
    ended = count(entry, b"", LAST_BLOCK)
    return ended, LAST_BLOCK + struct.pack("<4s3I", b"PK\x07\x08", ended.crc, ended.packed, ended.size)


def count(entry: ZipEntry, data: bytes, packed: bytes) -> ZipEntry:
    counted = replace(
        entry, crc=zlib.crc32(data, entry.crc), size=entry.size + len(data),
        packed=entry.packed + len(packed),
    )  # fmt: skip
    if max(counted.size, counted.packed) > LARGEST_BYTES:
        raise OverflowError(f"{entry.name} is larger than an archive of this kind can hold")
    return counted


def write_directory(entries: Sequence[ZipEntry], begins: int, at: datetime) -> bytes:
    """What ends the archive, from this byte of it on."""
    lines = b"".join(
        struct.pack("<4s6H3I5H2I", b"PK\x01\x02", VERSION, VERSION, BEHIND, DEFLATED, *dos_time(at),
                    each.crc, each.packed, each.size, len(each.name), 0, 0, 0, 0, 0, each.begins)
        + each.name.encode("ascii")
        for each in entries
    )  # fmt: skip
    many = len(entries)
    return lines + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, many, many, len(lines), begins, 0)


def dos_time(at: datetime) -> tuple[int, int]:
    """Time and date as archives have them, to two seconds."""
    return (
        at.hour << 11 | at.minute << 5 | at.second // 2,
        (at.year - 1980) << 9 | at.month << 5 | at.day,
    )
