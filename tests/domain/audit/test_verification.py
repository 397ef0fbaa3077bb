"""Whatever is done to an exported log or its seals is found, and the first record of it is named."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.domain.audit.chain import Break, Chain, read_chain
from portal.domain.audit.verification import Comparison, Finding, Tampering, find_tampering
from tests.domain.audit.sealed_logs import Export, make_export, make_record, make_usual_export

Result = tuple[Comparison, Finding | None, Chain]


def verify(export: Export, *, with_root: bool = False) -> Result:
    chain = read_chain(export.seals, [export.root] if with_root else [])
    return (*find_tampering(lambda: iter(export.records), chain), chain)


def is_sound(result: Result) -> bool:
    return result[1] is None and not result[2].findings


def test_an_untouched_log_is_as_it_was_sealed() -> None:
    export = make_usual_export()
    comparison, finding, chain = verify(export, with_root=True)
    assert (finding, chain.findings) == (None, [])
    assert (comparison.records, comparison.sealed, comparison.not_sealed, chain.count) == (9, 9, 0, 5)
    export.records.reverse()  # newest first is as good
    assert is_sound(verify(export, with_root=True))


def test_what_is_newer_than_the_last_look_is_not_missed() -> None:
    """And where no head says how far that went, the seals themselves do."""
    export = make_export([[[make_record(1)]], [[make_record(2)]]], read_to=make_record(2).mark)
    late = make_record(7)
    export.records.append({"mark": late.mark, "at": late.mark})
    assert verify(export)[0].not_sealed == 1
    assert is_sound(verify(export))
    export.seals = [each for each in export.seals if each["kind"] != "head"]
    assert verify(export)[0].not_sealed == 1


Records = list[dict[str, Any]]


def change_field(records: Records, place: int) -> None:
    records[place]["about"] = "another share"


def change_detail(records: Records, place: int) -> None:
    records[place]["details"] = {}


def remove_record(records: Records, place: int) -> None:
    del records[place]


def add_record(records: Records, place: int) -> None:
    records.append({**records[place], "mark": records[place]["mark"] + "1"})


def repeat_record(records: Records, place: int) -> None:
    records.append(records[place])


def move_record(records: Records, place: int) -> None:
    mark = "2026-02-06T12:05:00.000000+00:00#00000001"
    records[place] |= {"mark": mark, "at": mark[:32]}


def move_mark(records: Records, place: int) -> None:
    records[place]["mark"] = "2026-02-06T08:00:00.000000+00:00#00000001"


def swap_places(records: Records, place: int) -> None:
    one, other = records[place], records[(place + 4) % len(records)]
    one["mark"], other["mark"] = other["mark"], one["mark"]
    one["at"], other["at"] = other["at"], one["at"]


Tamper = Callable[[Records, int], None]
TAMPERINGS: dict[Tamper, Tampering] = {
    change_field: Tampering.CHANGED,
    change_detail: Tampering.CHANGED,
    remove_record: Tampering.REMOVED,
    repeat_record: Tampering.ADDED,
    move_record: Tampering.MOVED,
    swap_places: Tampering.MOVED,
}


@pytest.mark.parametrize(("tamper", "kind"), TAMPERINGS.items())
def test_the_first_record_that_is_not_as_sealed_is_named(tamper: Tamper, kind: Tampering) -> None:
    export = make_usual_export()
    mark = export.records[3]["mark"]
    tamper(export.records, 3)
    finding = verify(export)[1]
    assert finding is not None
    assert (finding.kind, finding.mark) == (kind, mark)
    assert finding.seal  # which of them has it


def test_a_record_that_was_added_or_moved_forward_is_named() -> None:
    export = make_usual_export()
    add_record(export.records, 3)
    added = verify(export)[1]
    assert added
    assert (added.kind, added.mark) == (Tampering.ADDED, export.records[-1]["mark"])
    export = make_usual_export()
    old = export.records[3]["mark"]
    move_mark(export.records, 3)
    moved = verify(export)[1]
    assert moved
    assert (moved.kind, moved.mark, moved.other) == (Tampering.MOVED, export.records[3]["mark"], old)


def test_of_several_changes_the_earliest_is_named() -> None:
    export = make_usual_export()
    export.records[6]["about"] = "x"
    del export.records[2]
    finding = verify(export)[1]
    assert finding
    assert (finding.kind, finding.mark) == (Tampering.REMOVED, make_usual_export().records[2]["mark"])


Lines = list[dict[str, Any]]


def find_line(lines: Lines, kind: str, shard: int, number: int) -> dict[str, Any]:
    wanted = (kind, shard, number)
    return next(each for each in lines if (each["kind"], each.get("shard"), each.get("number")) == wanted)


def without(lines: Lines, kind: str, shard: int, number: int) -> Lines:
    return [each for each in lines if each is not find_line(lines, kind, shard, number)]


def cut_end(export: Export) -> None:
    """The last seal of a shard with its record, and the head that knew of it."""
    mark = find_line(export.seals, "seal", 1, 2)["from_mark"]
    seals = without(without(export.seals, "seal", 1, 2), "leaves", 1, 2)
    export.seals = [each for each in seals if each["kind"] != "head"]
    export.records = [each for each in export.records if each["mark"] != mark]


def change_seal(name: str, value: object) -> Callable[[Export], None]:
    return lambda export: find_line(export.seals, "seal", 0, 2).update({name: value})


def change_leaf(export: Export) -> None:
    find_line(export.seals, "leaves", 0, 2)["leaves"][0][1] = "00" * 32


def change_head(export: Export) -> None:
    find_line(export.seals, "head", 1, 2)["hash"] = "00" * 32


def change_range(export: Export) -> None:
    del next(each for each in export.seals if each["kind"] == "range")["first"]


def drop(kind: str, shard: int, number: int) -> Callable[[Export], None]:
    def change(export: Export) -> None:
        export.seals = without(export.seals, kind, shard, number)

    return change


def repeat(kind: str) -> Callable[[Export], None]:
    return lambda export: export.seals.insert(1, find_line(export.seals, kind, 0, 2))


CHAIN_TAMPERINGS: list[tuple[Callable[[Export], None], Break]] = [
    (change_seal("sealed_at", "2026-02-08T00:00:00+00:00"), Break.NOT_LINKED),
    (change_seal("number", 7), Break.MISSING),
    (change_seal("number", "2"), Break.MALFORMED),
    (change_seal("count", 1), Break.OTHER_LEAVES),
    (change_seal("previous", "00"), Break.NOT_LINKED),
    (change_leaf, Break.OTHER_LEAVES),
    (change_head, Break.OTHER_HEAD),
    (change_range, Break.MALFORMED),
    (repeat("seal"), Break.REPEATED),
    (repeat("leaves"), Break.OTHER_LEAVES),
    (drop("seal", 0, 2), Break.MISSING),
    (drop("seal", 1, 2), Break.MISSING),
    (drop("leaves", 0, 2), Break.NO_LEAVES),
]


@pytest.mark.parametrize(("tamper", "kind"), CHAIN_TAMPERINGS)
def test_what_is_done_to_the_seals_is_found(tamper: Callable[[Export], None], kind: Break) -> None:
    export = make_usual_export()
    tamper(export)
    assert kind in {each.kind for each in verify(export)[2].findings}


def rewrite(export: Export) -> None:
    """What somebody may do who can write everything but the root: a log with seals of its own."""
    other = make_export([[[make_record(0), make_record(2)]], [[make_record(1)]]])
    export.records, export.seals = other.records, other.seals


@pytest.mark.parametrize("tamper", [rewrite, cut_end])
def test_a_root_tells_a_log_that_was_sealed_again(tamper: Callable[[Export], None]) -> None:
    export = make_usual_export()
    tamper(export)
    assert is_sound(verify(export))  # the seals alone cannot know
    assert not is_sound(verify(export, with_root=True))


@pytest.mark.parametrize("change", [{"root": "00"}, {"shards": 5}, {"shards": []}, {"made_at": "now"}])
def test_a_root_that_was_changed_is_found(change: dict[str, object]) -> None:
    export = make_usual_export()
    export.root |= change
    assert verify(export, with_root=True)[2].findings


def test_roots_of_two_days_are_linked() -> None:
    export = make_usual_export()
    after = {**export.root, "day": "2026-02-07", "previous": "another"}
    kinds = [each.kind for each in read_chain(export.seals, [after, export.root]).findings]
    assert kinds == [Break.ROOT_CHANGED]


def test_an_export_may_begin_in_the_middle_of_a_chain() -> None:
    """A later day's: what comes before its first seal is not asked for, not even by an older root."""
    export = make_usual_export()
    gone = {mark for mark, _ in find_line(export.seals, "leaves", 0, 1)["leaves"]}
    export.seals = without(without(export.seals, "seal", 0, 1), "leaves", 0, 1)
    export.records = [each for each in export.records if each["mark"] not in gone]
    assert is_sound(verify(export, with_root=True))


def test_seals_of_other_days_stand_without_their_records() -> None:
    """What is sealed between those of the days in question, so that the chain has no gap."""
    export = make_usual_export()
    gone = {mark for mark, _ in find_line(export.seals, "leaves", 0, 2)["leaves"]}
    export.seals = without(export.seals, "leaves", 0, 2)
    export.records = [each for each in export.records if each["mark"] not in gone]
    assert [each.kind for each in verify(export)[2].findings] == [Break.NO_LEAVES]
    next(each for each in export.seals if each["kind"] == "range").update(
        first="2026-02-05", last="2026-02-05"
    )
    assert is_sound(verify(export, with_root=True))


seconds = st.lists(st.integers(1, 2000), min_size=1, max_size=4, unique=True)


@given(
    st.lists(seconds, min_size=2, max_size=5),
    st.integers(0, 100),
    st.sampled_from([*TAMPERINGS, add_record, move_mark]),
)
def test_any_tampering_with_any_log_is_found(batches: list[list[int]], pick: int, tamper: Tamper) -> None:
    numbers = count()
    marked = [[make_record(next(numbers), each) for each in sorted(batch)] for batch in batches]
    export = make_export([marked[:2], marked[2:]])
    assert is_sound(verify(export, with_root=True))
    if tamper is swap_places:
        assume(4 % len(export.records))  # else it would swap a record with itself
    tamper(export.records, pick % len(export.records))
    assert not is_sound(verify(export))
