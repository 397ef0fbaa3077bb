"""No cell of a CSV is a formula, whatever it holds (R26)."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.csv_cells import guard_cell, write_rows

pytestmark = pytest.mark.requirement("R26")
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\0=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "  =1",
    '"=1',
    "' =1",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_could_be_a_formula_is_text(text: str) -> None:
    assert guard_cell(text) == "'" + text.replace("\0", "")


@pytest.mark.parametrize("text", ["", "plan.pdf", "a=b", "Ana Lopes", "7", -7, 0])
def test_everything_else_stays_as_it_is(text: str | int) -> None:
    assert guard_cell(text) == str(text)


@given(st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_any_row_comes_back_whole_and_harmless(row: list[str]) -> None:
    (read,) = csv.reader(io.StringIO(write_rows([row, ["end"]]).removesuffix("end\r\n"), newline=""))
    for cell, text in zip(read, row, strict=True):
        assert cell.removeprefix("'") in {text.replace("\0", ""), text.replace("\0", "").removeprefix("'")}
        begun = unicodedata.normalize("NFKC", cell.lstrip(' "\N{NO-BREAK SPACE}'))[:1]
        assert begun not in {"=", "+", "-", "@"}
