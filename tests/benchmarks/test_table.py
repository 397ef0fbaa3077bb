"""The upload benchmark's table: what it says, and where it is written."""

from __future__ import annotations

import shutil
from pathlib import Path

from benchmarks.uploads.measures import Line, at_least, ratio
from benchmarks.uploads.table import PAGE, table, write

LINES = [
    Line("calls", "14", "fewer than 20", True),
    at_least("ours", 2.5, 3),
    at_least("the page", 0.8, None),
]


def test_an_aim_that_was_missed_is_said() -> None:
    assert table(LINES).splitlines()[2:] == [
        "| calls | 14 | fewer than 20 |",
        "| ours | 2.50 x | at least 3 x (missed) |",
        "| the page | 0.80 x | |",
    ]


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    """Not of the times: a round in which the machine was busy was busy for both."""
    assert ratio([1.0, 2.0, 10.0], [4.0, 8.0, 30.0]) == 4.0


def test_the_figures_are_written_where_the_page_has_their_place(tmp_path: Path) -> None:
    page = tmp_path / "uploads.md"
    shutil.copy(PAGE, page)
    write(LINES[:1], "make figures", "150.0.1", page)
    write(LINES[1:], "make figures", "150.0.1", page)
    text = page.read_text(encoding="utf-8")
    assert "| ours | 2.50 x |" in text
    assert "| calls | 14 |" not in text
    assert text.startswith(PAGE.read_text(encoding="utf-8").partition("<!-- figures -->")[0])
