"""Icons as ready markup, and at a page's end the drawings of those that it shows.

They come with the page instead of in a file of their own: one request less that may wake a Lambda, and nobody
waits for the drawings of all the other pages. assets/icons.txt names what there is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from flask import current_app, g
from markupsafe import Markup, escape

SPRITE = "vendor/icons.svg"
DRAWING = re.compile(r'<symbol id="([^"]+)"(.*?)</symbol>', re.DOTALL)


def draw_icon(name: str, label: str = "") -> Markup:
    """A picture. Words beside it say what it means; where there are none, `label` does."""
    try:
        g.icons[name] = True
    except AttributeError:
        g.icons = {name: True}
    return icon_markup(name, label)


@lru_cache(maxsize=512)
def icon_markup(name: str, label: str) -> Markup:
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return Markup(f'<svg class="icon" {said}><use href="#i-{escape(name)}"></use></svg>')  # noqa: S704


def icon_drawings() -> Markup:
    """What the icons of this page point to. Call it last: after it no icon is drawn any more."""
    drawings = read_drawings(str(current_app.static_folder))
    used = "".join(drawings.get(name, "") for name in g.get("icons", ()))
    return Markup(f'<svg class="drawings" aria-hidden="true">{used}</svg>' if used else "")  # noqa: S704


@lru_cache(maxsize=4)
def read_drawings(folder: str) -> dict[str, str]:
    """Each icon's `<symbol>`, by its name."""
    sprite = (Path(folder) / SPRITE).read_text(encoding="utf-8")
    return {name: f'<symbol id="i-{name}"{rest}</symbol>' for name, rest in DRAWING.findall(sprite)}
