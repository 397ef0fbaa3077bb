"""Each line of an export's seals counts, each field of a line, and each part of what a seal says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.audit.chain import Break, ChainFinding, fits, read_chain
from portal.domain.audit.merkle import merkle_root
from portal.domain.audit.seals import Leaf, begin_shard, close_day, make_leaf, make_seal
from tests.domain.audit.sealed_logs import BEGAN, Export, make_export, make_record, make_usual_export

Line = dict[str, Any]
WRONG = [None, True, -1, 1.5, [], {}, [5]]
# What may be otherwise: an export of fewer days, or one made later, is no other log, and one may lack a head.
FREE = {("range", "first"), ("range", "last"), ("head", "read_to"), ("head", "shard")}


def make_small_export() -> Export:
    return make_export([[[make_record(0)], [make_record(2)]], [[make_record(1)]]])


def fields_of(lines: list[Line]) -> Iterator[tuple[int, str]]:
    for place, line in enumerate(lines):
        yield from ((place, name) for name in line if name != "kind")


def change(value: Any) -> Any:
    """Another value of the same sort."""
    match value:
        case int():
            return value + 1
        case [[str(mark), *more], *others]:
            return [[f"{mark}0", *more], *others]
        case [{"number": _} as first, *others]:
            return [{**first, "number": first["number"] + 1}, *others]
        case _ if value.startswith("2026"):
            return value.replace("2026", "2025")
    return value.translate(str.maketrans("0123456789", "1234567890")) or "00"


def find_breaks(export: Export) -> list[ChainFinding]:
    return read_chain(export.seals, [export.root]).findings


def test_any_field_of_any_line_that_is_another_is_found() -> None:
    lines = make_usual_export().seals
    for place, name in fields_of(lines):
        if (lines[place]["kind"], name) in FREE:
            continue
        export = make_usual_export()
        export.seals[place][name] = change(export.seals[place][name])
        assert find_breaks(export), (place, name)
    for name in set(make_usual_export().root) - {"made_at", "previous"}:
        export = make_usual_export()
        export.root[name] = change(export.root[name])
        assert find_breaks(export) or name == "day", name


@pytest.mark.parametrize("wrong", WRONG)
def test_any_field_of_any_line_that_is_nothing_of_the_sort_is_found(wrong: object) -> None:
    """And so is one that is missing; reading goes on after it."""
    for place, name in fields_of(make_small_export().seals):
        export, without = make_small_export(), make_small_export()
        export.seals[place][name] = wrong
        del without.seals[place][name]
        kinds = [{each.kind for each in find_breaks(one)} for one in (export, without)]
        assert Break.MALFORMED in kinds[0] or (name == "leaves" and wrong in ([], {})), (place, name)
        assert Break.MALFORMED in kinds[1], (place, name)
    for name in make_small_export().root:
        export, without = make_small_export(), make_small_export()
        export.root[name] = wrong
        del without.root[name]
        assert all(find_breaks(one) for one in (export, without)), name


@pytest.mark.parametrize("kind", ["seal", "leaves"])
def test_any_line_that_is_gone_or_there_twice_is_found(kind: str) -> None:
    for place, line in enumerate(make_usual_export().seals):
        if line["kind"] == kind:
            without, twice = make_usual_export(), make_usual_export()
            del without.seals[place]
            twice.seals.append(line)
            assert find_breaks(without), line
            assert {each.kind for each in find_breaks(twice)} == {
                Break.REPEATED if kind == "seal" else Break.OTHER_LEAVES
            }


def test_no_seal_has_two_lists_and_no_record_is_in_two_seals() -> None:
    export = make_small_export()
    first, second = (each for each in export.seals if each["kind"] == "leaves" and each["shard"] == 0)
    for other in ({**first, "leaves": []}, {**second, "number": 9}):
        kinds = {each.kind for each in read_chain([*export.seals, other]).findings}
        assert Break.OTHER_LEAVES in kinds


LEAVES = [make_leaf(make_record(place)) for place in range(4)]
SEAL = make_seal(begin_shard(0, [], BEGAN), LEAVES, BEGAN)


def put_marks(*places: int) -> list[Leaf]:
    """The leaves under one another's marks, their hashes where they are."""
    return [replace(leaf, mark=LEAVES[place].mark) for leaf, place in zip(LEAVES, places, strict=True)]


def test_leaves_fit_a_seal_in_everything_or_not_at_all() -> None:
    assert fits(SEAL, LEAVES)
    assert not fits(SEAL, [])
    assert not fits(SEAL, put_marks(0, 2, 1, 3))
    assert not fits(SEAL, put_marks(0, 1, 1, 3))
    assert not fits(SEAL, [*LEAVES[:1], replace(LEAVES[1], hash=LEAVES[2].hash), *LEAVES[2:]])
    assert not fits(SEAL, LEAVES[:-1])
    for other in (
        replace(SEAL, count=5),
        replace(SEAL, from_mark=LEAVES[1].mark),
        replace(SEAL, to_mark=LEAVES[2].mark),
        replace(SEAL, span="2026-02-06T09:1"),
        replace(SEAL, root=merkle_root([LEAVES[0].hash]).hex()),
    ):
        assert not fits(other, LEAVES)


@pytest.mark.parametrize(
    ("number", "previous", "is_sound"),
    [(1, "", True), (1, "00", False), (0, "", False), (0, "00", False), (2, "00", True), (2, "", True)],
)
def test_a_chain_begins_with_its_first_seal_and_nothing_before(
    number: int, previous: str, is_sound: bool
) -> None:
    """What is exported from later on begins in the middle."""
    export = make_export([[[make_record(0)]]])
    seal, leaves = export.seals[0], export.seals[1]
    seal |= {"number": number, "previous": previous}
    leaves["number"] = number
    found = read_chain([seal, leaves, *export.seals[2:3]]).findings
    assert found == ([] if is_sound else [ChainFinding(Break.NOT_LINKED, 0, number)])


@pytest.mark.parametrize(
    ("numbers", "broken"),
    [([1, 2, 3], []), ([1, 3], [2]), ([2, 3, 5], [4]), ([3], []), ([1, 4, 7], [2, 5])],
)
def test_what_is_missing_from_a_chain_is_named(numbers: list[int], broken: list[int]) -> None:
    batches = [[make_record(place)] for place in range(7)]
    export = make_export([batches])
    kept = [each for each in export.seals if each.get("number") in numbers and each["kind"] != "head"]
    found = read_chain(kept).findings
    assert [(each.kind, each.number) for each in found] == [(Break.MISSING, number) for number in broken]


@pytest.mark.parametrize(
    ("number", "hashed", "kind"),
    [
        (0, "00", None),  # a shard that had no seal yet
        (1, "00", None),  # before the first seal here
        (2, "right", None), (3, "right", None), (3, "00", Break.OTHER_HEAD), (4, "00", Break.MISSING),
    ],
)  # fmt: skip
def test_a_chain_ends_where_its_head_says(number: int, hashed: str, kind: Break | None) -> None:
    export = make_export([[[make_record(place)] for place in range(3)]])
    hashes = {each["number"]: each["previous"] for each in export.seals if each["kind"] == "seal"}
    *lines, head = [each for each in export.seals if each.get("number") != 1]
    told = {2: hashes[3], 3: head["hash"]}
    head |= {"number": number, "hash": told[number] if hashed == "right" else hashed}
    found = read_chain([*lines, head]).findings
    assert found == ([ChainFinding(kind, 0, number)] if kind else [])


def test_a_head_of_a_shard_that_the_export_has_nothing_of_asks_for_nothing() -> None:
    export = make_export([[[make_record(0)]]])
    head = {"kind": "head", "shard": 5, "number": 4, "hash": "00", "read_to": "~"}
    assert read_chain([*export.seals, head], [export.root]).findings == []


def test_each_root_names_the_one_of_the_day_before() -> None:
    """What is between two days that do not follow one another is not known."""
    heads = [begin_shard(0, [], BEGAN)]
    first = close_day("2026-02-06", heads, "", BEGAN)
    for days, previous, is_sound in [
        (1, first.hash, True), (1, "", False), (1, "00", False), (2, "00", True), (2, "", True),
    ]:  # fmt: skip
        day = (BEGAN + timedelta(days=days)).date().isoformat()
        roots = [close_day(day, heads, previous, BEGAN).describe(), first.describe()]
        found = read_chain([], roots).findings
        assert found == ([] if is_sound else [ChainFinding(Break.ROOT_CHANGED, day="2026-02-06")])


@pytest.mark.parametrize(
    ("days", "is_wanted"),
    [
        (None, True), (("2026-02-06", "2026-02-06"), True), (("2026-02-01", "2026-02-05"), False),
        (("2026-02-07", "2026-02-09"), False), (("2026-02-05", "2026-02-07"), True),
    ],
)  # fmt: skip
def test_records_are_asked_for_of_the_days_in_question_alone(
    days: tuple[str, str] | None, is_wanted: bool
) -> None:
    export = make_export([[[make_record(0)]]])
    lines = [each for each in export.seals if each["kind"] not in {"leaves", "range"}]
    told = [{"kind": "range", "first": days[0], "last": days[1]}] if days else []
    kinds = [each.kind for each in read_chain([*lines, *told]).findings]
    assert kinds == ([Break.NO_LEAVES] if is_wanted else [])


def test_lines_of_other_kinds_are_passed_over() -> None:
    export = make_usual_export()
    export.seals += [{"kind": "record", "mark": "x"}, {"kind": "later"}, {}]
    assert not find_breaks(export)
