"""The one style sheet: Bootstrap, our tokens and components, and the organisation's accent, in one answer.

One request instead of six: those that arrive together may each wake a Lambda, and a partner's first page is
what people judge a portal by. Its address carries a hash of what is in it: browsers keep it for a year.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Response, current_app, request, url_for

from portal.accent import DARK, LIGHT, Accent, accent
from portal.web import current
from portal.web.edge.audience import Audience, Place

# In this order: later sheets speak last.
SHEETS = (
    "vendor/bootstrap.css",
    "css/tokens.css",
    "css/frame.css",
    "css/components.css",
    "css/pages.css",
    "css/charts.css",
)

blueprint = Place("look", __name__, Audience.EVERYBODY)


@blueprint.get("/look.css")
def stylesheet() -> Response:
    answer = Response(sheet(*source()), mimetype="text/css")
    if request.accept_encodings["gzip"]:
        answer = Response(pack(*source()), mimetype="text/css", headers={"Content-Encoding": "gzip"})
    answer.vary.add("Accept-Encoding")
    return answer


def address() -> str:
    return make_address(request.script_root, *source())


@lru_cache(maxsize=4)
def make_address(prefix: str, colour: str, folder: str) -> str:
    return url_for("look.stylesheet", v=version(colour, folder))


def source() -> tuple[str, str]:
    """What the sheet is made from: the accent, and the folder with the other sheets."""
    return current.config().accent_colour, str(current_app.static_folder)


@lru_cache(maxsize=4)
def sheet(colour: str, folder: str) -> bytes:
    return b"\n".join([*((Path(folder) / name).read_bytes() for name in SHEETS), theme(colour).encode()])


@lru_cache(maxsize=4)
def pack(colour: str, folder: str) -> bytes:
    """Packed when it is first asked for, not for the first page: packing costs more than rendering that."""
    return gzip.compress(sheet(colour, folder), compresslevel=6, mtime=0)


@lru_cache(maxsize=4)
def version(colour: str, folder: str) -> str:
    return hashlib.sha256(sheet(colour, folder)).hexdigest()[:12]


def theme(colour: str) -> str:
    """The accent as variables, for both themes; all other colours stand in css/tokens.css."""
    light, dark = variables(accent(colour, LIGHT)), variables(accent(colour, DARK))
    return f":root{{{light}}}\n@media (prefers-color-scheme: dark){{:root{{{dark}}}}}\n"


def variables(made: Accent) -> str:
    named = {
        "accent": made.fill,
        "accent-hover": made.hover,
        "on-accent": made.on_fill,
        "accent-text": made.text,
        "accent-soft": made.soft,
    }
    return "".join(f"--{name}:{value};" for name, value in named.items())
