"""Pictures are written with fewer colours, and otherwise as they were."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from tools.small_png import COLOURS, small_png


def draw_blocks(colours: int) -> Image.Image:
    """A picture of so many flat colours, in blocks."""
    picture = Image.new("RGB", (256, 256))
    for place in range(colours):
        x, y = place % 16 * 16, place // 16 * 16
        picture.paste((place * 7 % 256, place * 13 % 256, place * 29 % 256), (x, y, x + 16, y + 16))
    return picture


def test_flat_colours_stay_and_many_become_few() -> None:
    for colours in (2, 40, 256):
        whole = BytesIO()
        draw_blocks(colours).save(whole, "PNG")
        with Image.open(BytesIO(small_png(whole.getvalue()))) as small:
            assert small.size == (256, 256)
            assert len(small.getcolors(COLOURS) or []) <= COLOURS
            kept, before = small.convert("RGB").tobytes(), draw_blocks(colours).tobytes()
        assert max(abs(one - other) for one, other in zip(kept, before, strict=True)) <= 8, colours
