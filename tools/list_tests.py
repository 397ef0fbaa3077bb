"""Fill the column of docs/asvs.md that says which tests hold a requirement: `python -m tools.list_tests`.

Tests carry the numbers they hold in markers; everything else in the table is written by hand.
`tests/docs/test_asvs.py` holds the table to what the tests say.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
TABLE = CHECKOUT / "docs" / "asvs.md"
NUMBER, TESTS, COLUMNS = 0, 3, 5
UNTESTED = "No test names it yet."


def holders() -> dict[int, list[str]]:
    """The test files that carry each number: in a marker on one test, or on all of the file's."""
    found: dict[int, set[str]] = defaultdict(set)
    for path in sorted((CHECKOUT / "tests").rglob("test_*.py")):
        for number in marked_numbers(ast.parse(path.read_text(encoding="utf-8"))):
            if number.startswith("R"):
                found[int(number[1:])].add(path.relative_to(CHECKOUT).as_posix())
    return {number: sorted(paths) for number, paths in found.items()}


def marked_numbers(module: ast.Module) -> Iterator[str]:
    """The numbers in `pytest.mark.requirement("R1", ...)`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.requirement":
            yield from (str(ast.literal_eval(each)) for each in node.args)


def claimed() -> set[str]:
    """The requirements of which the table says that tests hold them."""
    table = rows(TABLE.read_text(encoding="utf-8"))
    return {f"R{number}" for number, cells in table if cells[TESTS] != "none"}


def rows(text: str) -> list[tuple[int, list[str]]]:
    """Each row of the table: its requirement's number and its cells."""
    lines = [line.strip().strip("|").split("|") for line in text.splitlines() if line.startswith("| R")]
    return [(int(cells[NUMBER].strip()[1:]), [cell.strip() for cell in cells]) for cells in lines]


def linked(paths: list[str]) -> str:
    return ", ".join(f"[{path.removeprefix('tests/').removesuffix('.py')}](../{path})" for path in paths)


def filled(text: str) -> str:
    """The text with the tests' column as the tests say."""
    held, lines = holders(), []
    for line in text.splitlines():
        if line.startswith("| R"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            cells[TESTS] = linked(held.get(int(cells[NUMBER][1:]), [])) or "none"
            missing = cells[-1].removeprefix(UNTESTED).strip()
            cells[-1] = missing or (UNTESTED if cells[TESTS] == "none" else "")
            line = f"| {' | '.join(cells)} |".replace("|  |", "| |")
        lines.append(line)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(filled(TABLE.read_text(encoding="utf-8")), encoding="utf-8")
