"""The lines as a table, printed and, where asked, written into docs/uploads.md between its two marks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks.uploads.measures import Line

PAGE = Path(__file__).parents[2] / "docs" / "uploads.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"


def table(lines: Sequence[Line]) -> str:
    rows = [
        (each.what, each.figure, each.aim + ("" if each.reached is not False else " (missed)"))
        for each in lines
    ]
    head = [("what", "measured", "aim"), ("---", "---", "---")]
    return "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in [*head, *rows])


def machine(browser: str) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, Chromium {browser.split('.')[0]}"


def write(lines: Sequence[Line], command: str, browser: str, path: Path = PAGE) -> None:
    """Replace what stands between the marks. Raises ValueError where the page has none."""
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{path.name} has no place for figures: {BEGIN} ... {END}")
    said = f"Measured by `{command}` on {machine(browser)}, everything on this one machine."
    path.write_text(f"{before}{BEGIN}\n{said}\n\n{table(lines)}\n{END}{after}", encoding="utf-8")
