"""Progress on a terminal; none where nobody looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)


class Meter(Protocol):
    """How far something is, in bytes."""

    def expect(self, count: int) -> None:
        """So many more are to come."""

    def advance(self, count: int) -> None:
        """So many have come; a negative number was lost again."""

    def name(self, words: str) -> None:
        """What is being done."""


class NoMeter:
    def expect(self, count: int) -> None:
        """Nobody looks."""

    advance = expect

    def name(self, words: str) -> None:
        """Nobody looks."""


class BarMeter:
    def __init__(self, bars: Progress, words: str) -> None:
        self.bars = bars
        self.task = bars.add_task(words, total=0)
        self.total = 0

    def expect(self, count: int) -> None:
        self.total += count
        self.bars.update(self.task, total=self.total)

    def advance(self, count: int) -> None:
        self.bars.advance(self.task, count)

    def name(self, words: str) -> None:
        self.bars.update(self.task, description=words)


@contextmanager
def show_progress(console: Console, words: str, *, quiet: bool) -> Iterator[Meter]:
    if quiet or not console.is_terminal:
        yield NoMeter()
        return
    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn(),
        TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console) as bars:
        yield BarMeter(bars, words)
