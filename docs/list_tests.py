"""Fill the column of docs/asvs.md that says which tests hold a requirement: `python -m docs.list_tests`.

Tests name the numbers they hold in their docstrings; everything else in the table is written by hand.
`tests/docs/test_asvs.py` holds the table to what the tests say.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
TABLE = CHECKOUT / "docs" / "asvs.md"
NAMED = re.compile(r"\bR(\d{1,2})\b")
NUMBER, TESTS, COLUMNS = 0, 3, 5


def holders() -> dict[int, list[str]]:
    """The test files that name each number, by path."""
    found: dict[int, set[str]] = defaultdict(set)
    for path in sorted((CHECKOUT / "tests").rglob("test_*.py")):
        for number in NAMED.findall(path.read_text(encoding="utf-8")):
            found[int(number)].add(path.relative_to(CHECKOUT).as_posix())
    return {number: sorted(paths) for number, paths in found.items()}


def rows(text: str) -> dict[int, list[str]]:
    """The table's cells by requirement number."""
    lines = [line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("| R")]
    return {int(cells[NUMBER].strip()[1:]): [cell.strip() for cell in cells] for cells in lines}


def linked(paths: list[str]) -> str:
    return ", ".join(f"[{path.removeprefix('tests/').removesuffix('.py')}](../{path})" for path in paths)


def filled(text: str) -> str:
    """The text with the tests' column as the tests say."""
    held, lines = holders(), []
    for line in text.splitlines():
        if line.startswith("| R"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            cells[TESTS] = linked(held.get(int(cells[NUMBER][1:]), [])) or "none"
            line = f"| {' | '.join(cells)} |".replace("|  |", "| |")
        lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(filled(TABLE.read_text(encoding="utf-8")), encoding="utf-8")
