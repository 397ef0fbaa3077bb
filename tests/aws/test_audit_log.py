"""The audit log is one list in true order, over all days and shards to the first record."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.aws.client.keys import audit_partitions
from portal.aws.client.writes import Item
from portal.aws.tables.audit_log import append_record
from portal.aws.tables.audit_reading import DayReader, behind_day, mark_of
from portal.domain.audit.marks import SHARDS, is_mark, read_day, read_from_address, shard_of, write_in_address
from portal.domain.audit.record import PORTAL, Action, Actor, AuditRecord, Outcome
from tests.actions import list_rows
from tests.builders import Running

pytestmark = pytest.mark.requirement("R71")

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
RECORD = AuditRecord(at=NOW, action=Action.LINK_OPENED, actor=PORTAL, about="share")
# Days back with records: in a row, across a short gap, across a long one.
DAYS = (0, 1, 2, 5, 40, 400)
moments = st.builds(
    lambda days, seconds, micros: NOW - timedelta(days=days, seconds=seconds, microseconds=micros),
    st.sampled_from(DAYS), st.sampled_from((0, 1, 43_199, 43_200, 43_201)), st.sampled_from((0, 1)),
)  # fmt: skip


def write_all(portal: Running, records: list[AuditRecord]) -> None:
    for each in records:
        portal.portal.services.audit.write(each)


def read_through(portal: Running, now: datetime, rows: int) -> list[AuditRecord]:
    """Page by page to the log's beginning; no page but the last is empty."""
    log, cursor, found = portal.portal.services.audit, None, list[AuditRecord]()
    while True:
        page = log.list_newest(now, cursor, rows)
        assert len(page.items) <= rows
        assert page.items or page.next is None
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


class SortedLog:
    """A table as far as reading back asks one, without the wire: hundreds of examples a second."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    def query(
        self, _condition: str, *, limit: int, before: str, index: str = "", descending: bool, **equal: str
    ) -> tuple[list[Item], Item | None]:
        assert descending
        wanted = [each for each in self.items if equal.items() <= each.items() and each["sk"] < before]
        page = sorted(wanted, key=mark_of, reverse=True)[:limit]
        return page, page[-1] if len(page) == limit else None

    def add(self, times: list[datetime], about: str) -> None:
        self.items += [dict(append_record(replace(RECORD, at=at, about=about)).item) for at in times]


@given(
    first=st.lists(moments, max_size=14), later=st.lists(moments, max_size=3), rows=st.integers(1, 8),
    pages_first=st.integers(1, 3),
)  # fmt: skip
def test_cursors_neither_skip_nor_repeat(
    first: list[datetime], later: list[datetime], rows: int, pages_first: int
) -> None:
    """Over days with gaps and records of one moment, whatever is written in between pages."""
    log: Any = SortedLog()
    log.add(first, "first")
    position: str | None = behind_day(NOW.date())
    found, pages = list[Item](), 0
    while position is not None:
        piece = DayReader(log).read_rows(position, rows)
        assert len(piece.items) <= rows
        assert piece.items or piece.reached is None
        found, position, pages = found + piece.items, piece.reached, pages + 1
        if pages == pages_first:
            log.add(later, "later")
    model = sorted(log.items, key=mark_of, reverse=True)
    assert [each for each in found if each["about"] == "first"] == [
        each for each in model if each["about"] == "first"
    ]
    assert all(newer["sk"] > older["sk"] for newer, older in pairwise(found))


@pytest.mark.parametrize("rows", [1, 5, 50])
def test_pages_run_over_gaps_to_the_first_record(portal: Running, rows: int) -> None:
    times = [NOW - timedelta(days=days, microseconds=micros) for days in DAYS for micros in (0, 1, 2)]
    write_all(portal, [replace(RECORD, at=at) for at in times])
    found = [each.at for each in read_through(portal, NOW, rows)]
    assert found == sorted(times, reverse=True)


@pytest.mark.parametrize("zone_now", ["2026-12-01T00:30:00+01:00", "2026-11-30T23:30:00+00:00"])
def test_the_day_is_that_of_utc(portal: Running, zone_now: str) -> None:
    last = replace(RECORD, at=datetime.fromisoformat("2026-12-01T00:29:00+01:00"))
    write_all(portal, [last])
    assert [each.at for each in read_through(portal, datetime.fromisoformat(zone_now), 5)] == [last.at]


def test_a_record_of_one_name_is_written_once_an_hour(portal: Running) -> None:
    """And those of the next hour, and of another name, beside it; all in the one list, in true order."""
    record = replace(RECORD, once="ann")
    plain = replace(RECORD, at=NOW + timedelta(minutes=30))
    for minutes, name in ((0, "ann"), (59, "ann"), (59, "ben"), (60, "ann"), (60, "ann")):
        write_all(portal, [replace(record, at=NOW + timedelta(minutes=minutes), once=name)])
    write_all(portal, [plain])
    log = portal.portal.services.audit
    records = log.list_newest(NOW, None, 10).items
    assert [(each.at - NOW).seconds // 60 for each in records] == [60, 59, 30, 0]
    assert log.list_about("share", None, 10).items == records
    guards = [row for row in list_rows(portal) if row["pk"]["S"].startswith("ONCE#")]
    assert len(guards) == 3
    assert all(int(row["ttl"]["N"]) > NOW.timestamp() + 399 * 86400 for row in guards)


def test_a_record_keeps_what_it_was_given_and_is_found_at_its_mark(portal: Running) -> None:
    actor = Actor("person", "p" * 26, "Ana Lopes", "192.0.2.7", "a browser")
    given = AuditRecord(
        NOW, Action.SHARED, actor, "share", Outcome.REFUSED, "share", "authorize", "step", "reason",
        {"to": "ben@example.com", "empty": ""}, "request",
    )  # fmt: skip
    write_all(portal, [given])
    log = portal.portal.services.audit
    (found,) = log.list_newest(NOW, None, 5).items
    assert is_mark(found.mark)
    assert replace(found, mark="") == given
    assert log.get(found.mark) == found
    assert log.get(found.mark.replace("12:00", "12:01")) is None
    assert log.get("AUDIT#anything") is None


def test_a_shard_is_read_forward_to_its_end(portal: Running) -> None:
    write_all(portal, [replace(RECORD, about=f"thing-{number}") for number in range(40)])
    log, today = portal.portal.services.audit, NOW.date()
    shards = [log.read_shard(today, shard, "", 100) for shard in range(SHARDS)]
    assert {each.about for shard in shards for each in shard} == {f"thing-{n}" for n in range(40)}
    for number, shard in enumerate(shards):
        marks = [each.mark for each in shard]
        assert marks == sorted(marks)
        assert {shard_of(mark) for mark in marks} == {number}
        assert [each.mark for each in log.read_shard(today, number, marks[2], 3)] == marks[3:6]
        assert log.read_shard(today, number, marks[-1], 3) == []
        assert log.read_shard(today - timedelta(days=1), number, "", 3) == []


def test_records_of_one_moment_are_spread_over_the_shards(portal: Running) -> None:
    keys = Counter(append_record(RECORD).key[0] for _ in range(400))
    assert set(keys) == set(audit_partitions(NOW.date()))
    assert min(keys.values()) > 60


@pytest.mark.parametrize("text", [
    "", "x", "2026-02-30T10:00:00.000000~0000000012345678",
    "2026-11-30T12:00:00.000000+00:00~0000000012345678", "2026-11-30T12:00:00.000000~0000000012345678/",
    "2026-11-30T12:00:00.000000~12~0000000012345678",
])  # fmt: skip
def test_what_is_no_mark_is_none(text: str) -> None:
    assert read_from_address(text) is None


def test_a_mark_survives_a_web_address() -> None:
    mark = append_record(RECORD).key[1]
    assert read_from_address(write_in_address(mark)) == mark
    assert (
        write_in_address(mark).replace("~", "").replace(":", "").replace(".", "").replace("-", "").isalnum()
    )
    assert read_day(mark) == date(2026, 11, 30)
