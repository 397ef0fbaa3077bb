"""Pictures are written with fewer colours, and otherwise as they were."""

from __future__ import annotations

import struct
import zlib

import pytest

from docs.small_png import SIGNATURE, chunk, parts, small_png

WIDTH, HEIGHT = 5, 4
COLOURS = [[(x * 50, y * 60, (x * y) % 7) for x in range(WIDTH)] for y in range(HEIGHT)]


def written(how: int) -> bytes:
    """The colours above, each line written by one of PNG's five filters."""
    lines = [bytes(value for colour in line for value in colour) for line in COLOURS]
    raw = b""
    for y, line in enumerate(lines):
        above = lines[y - 1] if y else bytes(WIDTH * 3)
        raw += bytes([how]) + bytes(
            (value - guess(how, line[i - 3] if i > 2 else 0, above[i], above[i - 3] if i > 2 else 0)) % 256
            for i, value in enumerate(line)
        )
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    body = ((b"IHDR", header), (b"IDAT", zlib.compress(raw)), (b"IEND", b""))
    return SIGNATURE + b"".join(chunk(*each) for each in body)


def guess(how: int, left: int, above: int, corner: int) -> int:
    nearest = min((left, above, corner), key=lambda each: abs(left + above - corner - each))
    return (0, left, above, (left + above) // 2, nearest)[how]


@pytest.mark.parametrize("how", range(5))
def test_no_pixel_changes_where_the_colours_are_few(how: int) -> None:
    found = dict(parts(small_png(written(how))))
    told, raw = found[b"PLTE"], zlib.decompress(found[b"IDAT"])
    palette = [tuple(told[at : at + 3]) for at in range(0, len(told), 3)]
    lines = [raw[at + 1 : at + 1 + WIDTH] for at in range(0, len(raw), WIDTH + 1)]
    assert [[palette[place] for place in line] for line in lines] == COLOURS
