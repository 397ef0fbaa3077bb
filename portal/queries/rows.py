"""How many rows a page of a list has."""

from __future__ import annotations

PAGE_ROWS = 30
