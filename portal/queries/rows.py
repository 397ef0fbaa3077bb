"""How many rows a page of a list has."""

from __future__ import annotations

PAGE_ROWS = 30
EVERYONE_ROWS = 25  # on pages of everyone's things, which say more of each
