"""Docs/asvs.md says what the tests say."""

from __future__ import annotations

import re

import pytest

from tests.docs.test_requirements import list_defined
from tools.list_tests import CHECKOUT, COLUMNS, TABLE, TESTS, holders, rows

pytestmark = pytest.mark.requirement("R66")

LINK = re.compile(r"\]\(\.\./([^)]+)\)")
TELL = "run `python -m tools.list_tests`, which fills the column of tests in docs/asvs.md"


def test_every_requirement_has_one_row() -> None:
    """Each with all its cells, and held by a test or said to be missing."""
    table = rows(TABLE.read_text(encoding="utf-8"))
    assert [f"R{number}" for number, _ in table] == [each for each in list_defined() if each.startswith("R")]
    assert [number for number, cells in table if len(cells) != COLUMNS] == []
    silent = [number for number, cells in table if cells[TESTS] == "none" and not cells[-1]]
    assert silent == [], "a requirement that no test names must say in the last column what is missing"


def test_the_tests_it_names_name_the_requirement() -> None:
    """Every file is there and speaks of the number."""
    held = holders()
    for number, cells in rows(TABLE.read_text(encoding="utf-8")):
        for path in LINK.findall(cells[TESTS]):
            assert (CHECKOUT / path).is_file(), f"R{number} names {path}, which is gone: {TELL}"
            assert path in held.get(number, []), f"{path} does not name R{number}: {TELL}"


def test_every_number_the_tests_name_is_held_there() -> None:
    """A number in a marker is one of the table's, and the table knows that a test holds it."""
    table = dict(rows(TABLE.read_text(encoding="utf-8")))
    assert [number for number in holders() if number not in table] == []
    unknown = [number for number in holders() if table[number][TESTS] == "none"]
    assert unknown == [], f"{unknown} are held by tests now: {TELL}"
