"""A QR code as the outline of its dark squares, for the one page that shows one."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

QUIET_ZONE = 4  # squares left blank around it, as ISO/IEC 18004 wants for readers


class QrCode(NamedTuple):
    """side: of its square, in squares; path: the `d` of an SVG path in the same measure."""

    side: int
    path: str


def draw_qr_code(text: str) -> QrCode:
    """With the middle of three levels of correction: a phone reads it off a dusty screen."""
    import segno  # here, not above: one page of staff's needs it

    rows = [list(row) for row in segno.make_qr(text, error="m").matrix]
    runs = []
    for y, row in enumerate(rows):
        x = 0
        for is_dark, squares in groupby(row):
            width = len(list(squares))
            if is_dark:
                runs.append(f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h{width}v1h-{width}z")
            x += width
    return QrCode(len(rows) + 2 * QUIET_ZONE, "".join(runs))
