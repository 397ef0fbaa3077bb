"""What a file costs, as it is counted and as the README says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.cost import Counted, describe, run_once
from benchmarks.cycle import Act
from benchmarks.units import measure

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def acts() -> list[Act]:
    return run_once(with_code=True)


@pytest.fixture(scope="module")
def acts_without_code() -> list[Act]:
    return run_once(with_code=False)


def test_the_readme_says_what_is_counted(acts: list[Act], acts_without_code: list[Act]) -> None:
    """Should this fail, put what `python -m benchmarks.cost` prints last into the README."""
    words = " ".join(README.read_text(encoding="utf-8").split())
    assert describe(acts, acts_without_code) in words


def test_a_file_takes_no_more_than_it_did(acts: list[Act], acts_without_code: list[Act]) -> None:
    """One more of anything fails; what became less is to be written down here."""
    found = [(each.functions, each.writes, each.reads, each.write_units, each.mails) for each in (
        Counted.of(acts), Counted.of(acts_without_code)
    )]  # fmt: skip
    assert found == [(16, 25, 31, 201, 2), (11, 17, 22, 170, 1)]


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "Zo\u00eb"}, 4), ({"N": "1234567"}, 5), ({"N": "-0.5"}, 2), ({"BOOL": True}, 1),
        ({"NULL": True}, 1), ({"SS": ["ab", "c"]}, 3), ({"L": [{"S": "ab"}, {"S": "c"}]}, 8),
        ({"M": {"name": {"S": "ab"}}}, 10),
    ],
)  # fmt: skip
def test_values_are_as_large_as_dynamodb_says(value: dict[str, object], size: int) -> None:
    """ "DynamoDB item sizes and formats": a number takes a byte for two digits and one more, a list or a map
    three and one for each entry.
    """
    assert measure(value) == size
