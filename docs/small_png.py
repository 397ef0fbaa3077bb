"""A screenshot's PNG written anew with at most 256 colours: a third of the bytes, and nobody sees it.

What changes are edges of letters, whose colours become the nearest that is kept.
Format: PNG (Third Edition), sections 9 (filters) and 11.2 (chunks); 8 bits a channel, without interlacing,
as Chromium writes them.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

COLOURS = 256  # what a palette holds
SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {
    2: 3,
    6: 4,
}  # by the header's colour type: without and with alpha, which a screenshot does not use


def small_png(screenshot: bytes) -> bytes:
    chunks = list(parts(screenshot))
    width, height, _, colour_type = struct.unpack(">IIBB", chunks[0][1][:10])
    packed = b"".join(body for kind, body in chunks if kind == b"IDAT")
    step = CHANNELS[colour_type]
    lines = list(unfiltered(zlib.decompress(packed), width * step, step))
    colours = [list(zip(line[0::step], line[1::step], line[2::step], strict=True)) for line in lines]
    palette, places = reduced(Counter(colour for line in colours for colour in line))
    drawn = b"".join(b"\x00" + bytes(places[colour] for colour in line) for line in colours)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    told = b"".join(bytes(colour) for colour in palette)
    body = [(b"IHDR", header), (b"PLTE", told), (b"IDAT", zlib.compress(drawn, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(chunk(*each) for each in body)


Colour = tuple[int, int, int]


def reduced(counted: Counter[Colour]) -> tuple[list[Colour], dict[Colour, int]]:
    """The palette, and for each colour its place there or that of the nearest.

    Half of it are the most frequent colours, half those that are furthest from all before: a small icon is
    drawn in few pixels, and must not take on the colour of something large.
    """
    palette = [colour for colour, _ in counted.most_common(COLOURS // 2)]
    places = {colour: place for place, colour in enumerate(palette)}
    nearest = {
        colour: min((apart(colour, each), place) for each, place in places.items()) for colour in counted
    }
    while len(palette) < min(COLOURS, len(counted)):
        furthest = max(nearest, key=lambda colour: nearest[colour][0])
        place = len(palette)
        palette.append(furthest)
        nearest = {colour: min(found, (apart(colour, furthest), place)) for colour, found in nearest.items()}
    return palette, {colour: place for colour, (_, place) in nearest.items()}


def apart(one: Colour, other: Colour) -> int:
    return (one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2 + (one[2] - other[2]) ** 2


def parts(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        yield kind, png[at + 8 : at + 8 + length]
        at += length + 12


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def unfiltered(raw: bytes, length: int, step: int) -> Iterator[bytearray]:
    """The lines as they were before each was written as its difference from what is left of and above it."""
    above = bytearray(length)
    for start in range(0, len(raw), length + 1):
        how, line = raw[start], bytearray(raw[start + 1 : start + 1 + length])
        for i in range(length) if how else ():
            left, corner = (line[i - step], above[i - step]) if i >= step else (0, 0)
            guesses = (0, left, above[i], (left + above[i]) // 2)
            line[i] = (line[i] + (guesses[how] if how < 4 else paeth(left, above[i], corner))) % 256
        yield line
        above = line


def paeth(left: int, above: int, corner: int) -> int:
    """Whichever of the three is nearest to left + above - corner."""
    wanted = left + above - corner
    return min((left, above, corner), key=lambda each: abs(wanted - each))
