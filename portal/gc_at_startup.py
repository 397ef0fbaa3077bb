"""Keeps the garbage collector from running while the function starts. Importing this holds it back; `done`
lets it go on.

A start makes a hundred thousand objects that all stay, and the collector would look through them again and
again: 15 to 20 ms of the 200 that a first page takes. Frozen, they are never looked at again ("gc.freeze",
Python's library reference).
"""

from __future__ import annotations

import gc

gc.disable()


def resume() -> None:
    gc.freeze()
    gc.enable()
