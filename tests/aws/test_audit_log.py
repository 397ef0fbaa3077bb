"""The audit log is one list in true order, over all of its partitions to the first record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.aws.client import keys
from portal.aws.tables import audit_log
from portal.domain.audit.record import PORTAL, Action, AuditRecord
from tests.builders import Running

pytestmark = pytest.mark.requirement("R71")

FIRST = datetime(2026, 3, 31, 23, 59, 59, 999_999, tzinfo=UTC)
NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
# Three months with records, with empty ones between, and moments at the edges of months and hours.
MOMENTS = [
    FIRST,
    datetime(2026, 6, 1, 0, 0, tzinfo=UTC),
    *(datetime(2026, 6, 15, 10, minute, 30, tzinfo=UTC) for minute in (0, 1, 20, 59)),
    datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC),
    *(datetime(2026, 11, 30, 11, minute, tzinfo=UTC) for minute in (0, 5, 30, 31, 58)),
]


def records() -> list[AuditRecord]:
    """At each moment one of either kind: those written once per name are found by another key."""
    made = []
    for place, at in enumerate(MOMENTS):
        plain = AuditRecord(at=at, action=Action.LINK_OPENED, actor=PORTAL, about=f"plain-{place}")
        once = replace(plain, at=at + timedelta(microseconds=-7), about=f"once-{place}", once=f"name-{place}")
        made += [plain, once]
    return made


def read_through(portal: Running, now: datetime, rows: int) -> list[AuditRecord]:
    """Page by page to the end; no page but the last is short, and none is empty."""
    log, cursor, found = portal.portal.services.audit, None, list[AuditRecord]()
    while True:
        page = log.list_newest(now, cursor, rows)
        assert len(page.items) == rows or page.next is None
        assert page.items or not found
        found += page.items
        cursor = page.next
        if cursor is None:
            return found


@pytest.mark.parametrize("rows", [1, 2, 3, 7, 12, 24, 50])
def test_pages_run_over_empty_months_to_the_first_record(portal: Running, rows: int) -> None:
    made = records()
    for each in sorted(made, key=lambda each: (each.at.minute, each.about)):  # written in no order of time
        portal.portal.services.audit.write(each)
    found = [each.at for each in read_through(portal, NOW, rows)]
    assert found == sorted((each.at for each in made), reverse=True)


def test_records_of_one_moment_are_paged_without_loss(portal: Running) -> None:
    """Neither kind is skipped or repeated where a page ends between records of the same microsecond."""
    at = datetime(2026, 11, 30, 11, 0, tzinfo=UTC)
    plain = AuditRecord(at=at, action=Action.LINK_OPENED, actor=PORTAL, about="plain")
    for place in range(5):
        portal.portal.services.audit.write(replace(plain, about=f"plain-{place}"))
        portal.portal.services.audit.write(replace(plain, about=f"once-{place}", once=f"name-{place}"))
    for rows in (1, 2, 3):
        found = [each.about for each in read_through(portal, NOW, rows)]
        assert len(found) == 10
        assert len(set(found)) == 10


@pytest.mark.parametrize("zone_now", ["2026-12-01T00:30:00+01:00", "2026-11-30T23:30:00+00:00"])
def test_the_month_is_that_of_utc(portal: Running, zone_now: str) -> None:
    last = AuditRecord(
        at=datetime(2026, 11, 30, 23, 29, tzinfo=UTC), action=Action.SIGNED_IN, actor=PORTAL, about="x"
    )
    portal.portal.services.audit.write(last)
    assert [each.at for each in read_through(portal, datetime.fromisoformat(zone_now), 5)] == [last.at]


def test_shards_are_read_as_one_list(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader takes partitions as days that are split into shards just as well."""

    def shards(at: datetime) -> tuple[str, ...]:
        names = [f"AUDIT#{at:%Y-%m}#{number}" for number in range(4)]
        return tuple(names[at.microsecond % 4 :] + names[: at.microsecond % 4])

    for module in (keys, audit_log):  # who writes, and who reads
        monkeypatch.setattr(module, "audit_partitions", shards)
    made = [
        replace(each, at=each.at + timedelta(microseconds=place)) for place, each in enumerate(records()[2:])
    ]
    for each in made:
        portal.portal.services.audit.write(each)
    found = [each.at for each in read_through(portal, NOW, 5)]
    assert found == sorted((each.at for each in made), reverse=True)


def test_a_record_of_one_name_is_written_once_an_hour(portal: Running) -> None:
    """And those of the next hour, and of another name, beside it."""
    log, at = portal.portal.services.audit, datetime(2026, 11, 30, 11, 0, tzinfo=UTC)
    record = AuditRecord(at=at, action=Action.LINK_OPENED, actor=PORTAL, about="share", once="ann")
    for minutes, name in ((0, "ann"), (59, "ann"), (59, "ben"), (60, "ann"), (60, "ann")):
        log.write(replace(record, at=at + timedelta(minutes=minutes), once=name))
    minutes = [(each.at - at).seconds // 60 for each in log.list_newest(NOW, None, 10).items]
    assert minutes == [60, 59, 0]
    assert [each.at for each in log.list_about("share", None, 10).items] == [
        each.at for each in log.list_newest(NOW, None, 10).items
    ]
