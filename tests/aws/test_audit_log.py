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
from portal.aws.tables import audit_reading
from portal.aws.tables.audit_log import append_record, start_of
from portal.aws.tables.audit_reading import MOST_PIECES, LogReader, mark_of, read_record
from portal.domain.audit.marks import (
    SHARDS,
    behind_day,
    is_mark,
    read_day,
    read_from_address,
    shard_of,
    write_in_address,
)
from portal.domain.audit.record import PORTAL, Action, Actor, AuditRecord, Outcome
from portal.domain.audit.search import AuditSearch
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
        self.calls = 0

    def query(
        self, condition: str, *, limit: int, before: str, index: str = "", descending: bool, **equal: str
    ) -> tuple[list[Item], Item | None]:
        assert descending
        self.calls += 1
        name, (value,) = condition.split(" ")[0].removeprefix("#"), equal.values()
        wanted = [each for each in self.items if each.get(name) == value and each["sk"] < before]
        page = sorted(wanted, key=mark_of, reverse=True)[:limit]
        return page, page[-1] if len(page) == limit else None

    def add(self, *records: AuditRecord) -> None:
        self.items += [dict(append_record(each).item) for each in records]


@given(
    first=st.lists(moments, max_size=14), later=st.lists(moments, max_size=3), rows=st.integers(1, 8),
    pages_first=st.integers(1, 3),
)  # fmt: skip
def test_cursors_neither_skip_nor_repeat(
    first: list[datetime], later: list[datetime], rows: int, pages_first: int
) -> None:
    """Over days with gaps and records of one moment, whatever is written in between pages."""
    log: Any = SortedLog()
    log.add(*(replace(RECORD, at=at, about="first") for at in first))
    position: str | None = behind_day(NOW.date())
    found, pages = list[AuditRecord](), 0
    while position is not None:
        page = LogReader(log).read_page(AuditSearch(), position, rows)
        assert len(page.records) <= rows
        assert page.records or page.position is None
        found, position, pages = [*found, *page.records], page.position, pages + 1
        if pages == pages_first:
            log.add(*(replace(RECORD, at=at, about="later") for at in later))
    model = map(read_record, sorted(log.items, key=mark_of, reverse=True))
    of_first = [each for each in found if each.about == "first"]
    assert of_first == [each for each in model if each.about == "first"]
    assert all(newer.mark > older.mark for newer, older in pairwise(found))


records = st.builds(
    lambda at, about, action, actor, ip, outcome, to: AuditRecord(
        at, action, replace(actor, source_ip=ip), about, outcome, details={"to": to}
    ),
    moments, st.sampled_from(("a", "b")), st.sampled_from((Action.SHARED, Action.MAIL_SENT)),
    st.sampled_from((PORTAL, Actor("person", "ana"), Actor("recipient", "ben"))),
    st.sampled_from(("", "::1")), st.sampled_from(Outcome),
    st.sampled_from(("", "Ben@Example.com", "x@example.com", "x@a.org, y@a.org")),
)  # fmt: skip
days = st.none() | st.sampled_from([(NOW - timedelta(days=number)).date() for number in (0, 1, 3, 40, 500)])
searches = st.builds(
    AuditSearch,
    person_id=st.sampled_from(("", "", "ana", "ben")), thing=st.sampled_from(("", "", "a")),
    address=st.sampled_from(("", "", "ben@example.com", "x@a.org")),
    action=st.none() | st.just(Action.SHARED), outcome=st.none() | st.just(Outcome.REFUSED),
    source_ip=st.sampled_from(("", "", "::1")),
    first_day=days, last_day=days,
)  # fmt: skip


@given(made=st.lists(records, max_size=20), search=searches, rows=st.integers(1, 5))
def test_any_search_finds_what_fits_newest_first(
    made: list[AuditRecord], search: AuditSearch, rows: int
) -> None:
    """Whatever index it takes, page by page; no page costs more than a bounded number of calls."""
    log: Any = SortedLog()
    log.add(*made)
    position: str | None = start_of(search, NOW)
    found = list[AuditRecord]()
    while position is not None:
        calls = log.calls
        page = LogReader(log).read_page(search, position, rows)
        assert len(page.records) <= rows
        assert log.calls - calls <= 4 * MOST_PIECES + 2 * len(Action)
        found, position = [*found, *page.records], page.position
    model = sorted(map(read_record, log.items), key=lambda each: each.mark, reverse=True)
    assert found == [each for each in model if search.fits(each)]


def test_what_fits_rarely_is_looked_for_in_bounded_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that found nothing yet says how far it came, and the next goes on from there."""
    monkeypatch.setattr(audit_reading, "ROWS_READ", 10)
    monkeypatch.setattr(audit_reading, "MOST_READ", 50)
    log: Any = SortedLog()
    log.add(*(replace(RECORD, at=NOW - timedelta(minutes=number)) for number in range(300)))
    log.add(replace(RECORD, at=NOW - timedelta(hours=6), actor=replace(PORTAL, source_ip="::1")))
    position, pages = behind_day(NOW.date()), 0
    while not (page := LogReader(log).read_page(AuditSearch(source_ip="::1"), position, 5)).records:
        assert page.position
        assert page.position < position
        position, pages = page.position, pages + 1
    assert 3 <= pages <= 7


def test_pages_run_over_gaps_to_the_first_record(portal: Running) -> None:
    times = [NOW - timedelta(days=days, microseconds=micros) for days in DAYS for micros in (0, 1, 2)]
    write_all(portal, [replace(RECORD, at=at) for at in times])
    found = [each.at for each in read_through(portal, NOW, 5)]
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
    # So many that by no chance a shard has too few.
    about = {f"thing-{number}" for number in range(160)}
    write_all(portal, [replace(RECORD, about=each) for each in about])
    log, today = portal.portal.services.audit, NOW.date()
    shards = [log.read_shard(today, shard, "", 100) for shard in range(SHARDS)]
    assert {each.about for shard in shards for each in shard} == about
    for number, shard in enumerate(shards):
        marks = [each.mark for each in shard]
        assert marks == sorted(marks)
        assert {shard_of(mark) for mark in marks} == {number}
        assert [log.get(mark) for mark in marks] == shard
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
