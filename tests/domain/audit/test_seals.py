"""What a record's hash and a seal stand for: the same for ever, and for nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from portal.domain.audit.canonical import canonical_bytes, describe_record, hash_record
from portal.domain.audit.record import Action, Actor, AuditRecord, Outcome, Trust
from portal.domain.audit.seals import (
    MAX_LEAVES,
    begin_shard,
    close_day,
    make_leaf,
    make_seal,
    next_span,
    read_day_root,
    read_seal,
    split_for_seals,
)
from tests.domain.audit.sealed_logs import BEGAN, make_record

AT = datetime(2026, 2, 6, 9, 30, 5, 7, tzinfo=UTC)
MARK = "2026-02-06T09:30:05.000007+00:00#0000000aabcdef"
RECORD = AuditRecord(
    AT, Action.SHARE_DOWNLOADED, Actor("recipient", "r1", "Clara Diaz", "192.0.2.1", "a browser"), "s1",
    Outcome.REFUSED, "download", "authorize", "check_download_limit", "spent", {"name": "Bücher.pdf"}, "req",
    mark=MARK,
)  # fmt: skip


def test_the_hash_of_a_record_is_the_same_in_every_version() -> None:
    """A hash that was sealed once has to be found again by whatever version verifies it."""
    told = describe_record(RECORD)
    text = canonical_bytes("portal audit record 1", told).decode()
    assert text == (
        'portal audit record 1\n{"about":"s1","action":"recipient.downloaded","actor":{"device":"a browser",'
        '"id":"r1","kind":"recipient","name":"Clara Diaz","source_ip":"192.0.2.1"},'
        '"at":"2026-02-06T09:30:05.000007+00:00","details":{"name":"B\\u00fccher.pdf"},'
        '"mark":"2026-02-06T09:30:05.000007+00:00#0000000aabcdef","outcome":"refused","reason":"spent",'
        '"request_id":"req","stage":"authorize","step":"check_download_limit","workflow":"download"}'
    )
    assert hash_record(told).hex() == "0b110ad1732243def2b6fa994a987063cb276b709ebfd4f1f785e945e77d8354"
    assert hash_record(json.loads(json.dumps(told))) == hash_record(told)
    assert hash_record({**told, "added_later": "", "also": {}}) == hash_record(told)


def test_the_hashes_of_a_seal_and_of_a_root_are_the_same_in_every_version() -> None:
    """What was empty when it was hashed has no part in it, in lists either."""
    seal = make_seal(begin_shard(2, [], BEGAN), [make_leaf(make_record(place)) for place in range(3)], BEGAN)
    assert seal.hash == "740f414852dd792a9cd15ce544ea5771f7581399d5d54c7045dbaf41df3d2b3f"
    heads = [replace(begin_shard(0, [], BEGAN), number=3, hash="h"), begin_shard(1, [], BEGAN)]
    root = close_day("2026-02-06", heads, "p", BEGAN)
    assert root.hash == "f120de841f885d71f024b8d599fe939601be4e04a9a69623cd03f1ddcdd86faf"
    assert root.root == "8bf7611d5287de327efcc5d94d9b51133ca7b1419c8745bdf3b4d7f18142cc2a"


CHANGES = {
    "time": replace(RECORD, at=AT + timedelta(microseconds=1)),
    "action": replace(RECORD, action=Action.FILE_PREVIEWED),
    "actor": replace(RECORD, actor=replace(RECORD.actor, source_ip="")),
    "thing": replace(RECORD, about="s2"),
    "outcome": replace(RECORD, outcome=Outcome.DONE),
    "workflow": replace(RECORD, workflow=""),
    "stage": replace(RECORD, stage=""),
    "step": replace(RECORD, step=""),
    "reason": replace(RECORD, reason="used"),
    "details": replace(RECORD, details={"name": "Bücher.pdf", "more": "1"}),
    "request": replace(RECORD, request_id="other"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_field_of_a_record_is_in_its_hash(change: str) -> None:
    changed = describe_record(CHANGES[change])
    assert hash_record(changed) != hash_record(describe_record(RECORD))


def test_what_a_record_was_written_under_is_no_part_of_it() -> None:
    """Nor is the zone in which its time is told."""
    told = describe_record(RECORD)
    east = AT.astimezone(timezone(timedelta(hours=5)))
    assert describe_record(replace(RECORD, at=east, once="n", trust=Trust("p", AT))) == told
    assert hash_record(describe_record(replace(RECORD, mark=MARK + "0"))) != hash_record(told)


def test_a_seal_and_a_root_are_read_as_they_were_told() -> None:
    leaves = [make_leaf(make_record(place)) for place in range(3)]
    seal = make_seal(begin_shard(2, [], BEGAN), leaves, BEGAN)
    root = close_day(
        "2026-02-06",
        [replace(begin_shard(0, [], BEGAN), number=3, hash="h"), begin_shard(1, [], BEGAN)],
        "p",
        BEGAN,
    )
    assert read_seal(json.loads(json.dumps(seal.describe()))) == seal
    assert read_day_root(json.loads(json.dumps(root.describe()))) == root
    assert seal.hash != replace(seal, shard=3).hash
    assert (seal.shard, seal.number, seal.previous, seal.count) == (2, 1, "", 3)


@pytest.mark.parametrize(
    "wrong", [{"number": "1"}, {"number": True}, {"root": 5}, {"sealed_at": "2026-02-06"}]
)
def test_what_is_no_seal_is_refused(wrong: dict[str, object]) -> None:
    seal = make_seal(begin_shard(0, [], BEGAN), [make_leaf(make_record(1))], BEGAN)
    with pytest.raises(ValueError, match=r"is no|names no"):
        read_seal(seal.describe() | wrong)


def test_a_seal_takes_records_of_one_span() -> None:
    early, late = make_record(0), make_record(1, 600)
    assert [[each.mark for each in some] for some in split_for_seals([early, late])] == [
        [early.mark], [late.mark],
    ]  # fmt: skip
    for marked in ([early, late], [late, early], [early, early], []):
        with pytest.raises(ValueError, match="one span"):
            make_seal(begin_shard(0, [], BEGAN), [make_leaf(each) for each in marked], BEGAN)
    many = [replace(make_record(0), mark=f"{early.mark}{place:04}") for place in range(MAX_LEAVES + 1)]
    assert [len(some) for some in split_for_seals(many)] == [MAX_LEAVES, 1]


def test_spans_follow_one_another_over_midnight() -> None:
    assert next_span("2026-12-31T23:59") == "2027-01-01T00:00"
