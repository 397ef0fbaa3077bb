"""The page on growth has what the script counts, and units are those of DynamoDB."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.partitions import Operation, Owner, list_units
from benchmarks.scale import AIM, SHARDS, Ceiling, list_ceilings, make_table
from tests.dynamodb.tables import Schema, Table
from tests.dynamodb.writes import Change
from tools.list_tests import CHECKOUT


@pytest.fixture(scope="module")
def ceilings() -> list[Ceiling]:
    return list_ceilings()


@pytest.mark.parametrize("owner", [Owner.EVERYBODY, Owner.SENDER])
def test_the_page_has_the_table_of_the_script(ceilings: list[Ceiling], owner: Owner) -> None:
    """Should this fail, put what `python -m benchmarks.scale` prints into docs/scale.md."""
    assert make_table(ceilings, owner) in (CHECKOUT / "docs" / "scale.md").read_text(encoding="utf-8")


def test_no_ceiling_of_ours_sinks(ceilings: list[Ceiling]) -> None:
    """What rises is to be written down here; the aim is 5,000 for all of them."""
    ours = [each for each in ceilings if each.owner is Owner.EVERYBODY and each.who == "ours"]
    assert [(each.name, round(each.files)) for each in ours[:3]] == [
        ("audit: AUDIT#<day>#<shard>", 167), ("due: MAIL", 200), ("due: FILE", 250),
    ]  # fmt: skip
    assert len([each for each in ours if each.files < AIM]) == 25


def test_what_is_spread_is_written_to(ceilings: list[Ceiling]) -> None:
    """A name that nothing has any more would raise no ceiling."""
    written = {each.name for each in ceilings if sum(each.units)}
    assert SHARDS.keys() <= written


def test_an_operation_alone_has_the_partition_for_itself() -> None:
    ceiling = Ceiling("due: FILE", Owner.EVERYBODY, (3.0, 1.0, 0.0), 250.0, "ours")
    assert [ceiling.of(each) for each in Operation] == [pytest.approx(1000 / 3), 1000.0, None]


BEFORE: dict[str, Any] = {"pk": {"S": "a"}, "sk": {"S": "b"}, "kind": {"S": "FILE"}, "at": {"N": "1"}}


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        ({}, BEFORE, [("", 2), ("due", 1)]),
        (BEFORE, BEFORE | {"at": {"N": "2"}}, [("", 2), ("due", 1), ("due", 1)]),
        (BEFORE, BEFORE | {"name": {"S": "x"}}, [("", 2), ("due", 1)]),
        (BEFORE, None, [("", 2), ("due", 1)]),
        (BEFORE, BEFORE, [("", 2)]),
        ({}, BEFORE | {"text": {"S": "x" * 1024}}, [("", 4), ("due", 2)]),
    ],
)
def test_units_are_those_of_dynamodb(
    before: dict[str, Any], after: dict[str, Any] | None, units: list[tuple[str, int]]
) -> None:
    """ "Provisioned throughput considerations for global secondary indexes": an entry that moves is removed
    and added; one that stays as it is costs nothing.
    """
    table = Table(Schema(("pk", "sk"), ("S", "S")), {"due": Schema(("kind", "at"), ("S", "N"))})
    change = Change(table, (b"a", b"b"), before, after)
    assert [(index, number) for index, _, number in list_units(change, 2)] == units
