"""The organisation's accent colour, made readable: adjusted until its contrast holds.

Contrast and luminance are those of WCAG 2.2 ("relative luminance", "contrast ratio"). The palettes are in
static/css/tokens.css; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass

TEXT_CONTRAST = 4.5  # WCAG 2.2, 1.4.3: text of ordinary size
WHITE, INK = "#ffffff", "#14171d"

RGB = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """The colours a theme is made of, as far as something outside the style sheet needs them."""

    paper: str
    surface: str
    sunken: str
    ink: str
    muted: str
    line: str


LIGHT = Palette("#f5f6f8", "#ffffff", "#eceef2", "#1a1e26", "#565e6d", "#dde1e8")
DARK = Palette("#17191e", "#1f2229", "#292d36", "#e8eaef", "#a6adbb", "#353a45")


@dataclass(frozen=True)
class Accent:
    """fill: behind `on_fill`, on buttons; hover: pointed at; text: on paper; soft: a faint background."""

    fill: str
    hover: str
    on_fill: str
    text: str
    soft: str


def accent(colour: str, palette: Palette) -> Accent:
    """What a theme uses of the organisation's colour, a `#rrggbb`."""
    is_dark = luminance(palette.paper) < luminance(palette.ink)
    away = WHITE if is_dark else "#000000"
    soft = mix(palette.surface, colour, 0.16 if is_dark else 0.09)
    text = colour
    for background in (palette.sunken, palette.paper, palette.surface, soft):
        text = readable(text, background, away)
    # A button stands out from its paper too (WCAG 2.2, 1.4.11: 3:1), and its words from the button.
    fill = readable(colour, palette.surface, away, least=3)
    on_fill = max(WHITE, INK, key=lambda ink: contrast(ink, fill))
    fill = readable(fill, on_fill, "#000000" if on_fill == WHITE else WHITE)
    hover = mix(fill, "#000000" if on_fill == WHITE else WHITE, 0.14)
    return Accent(fill, hover, on_fill, text, soft)


def readable(colour: str, background: str, away: str, least: float = TEXT_CONTRAST) -> str:
    """The colour, moved towards `away` in steps of 4 % until it has the contrast asked for."""
    steps = (mix(colour, away, step / 25) for step in range(26))
    return next((each for each in steps if contrast(each, background) >= least), away)


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = (linear(part / 255) for part in parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def mix(colour: str, other: str, share: float) -> str:
    """`share` of the other colour in this one."""
    return "#" + "".join(
        f"{round(a + (b - a) * share):02x}" for a, b in zip(parts(colour), parts(other), strict=True)
    )


def parts(colour: str) -> RGB:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
