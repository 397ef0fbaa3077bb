"""A list that is read piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """A piece of a list, and the cursor to the next piece, if there is one."""

    items: tuple[T, ...]
    next: str | None = None
