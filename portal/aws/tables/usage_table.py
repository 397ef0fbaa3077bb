"""How much the portal is used, in the table: one item a day of everybody, and one a person, recipient's
domain and file with traffic on a day, listed by the bytes they had.

Only who seals the audit log writes them, in the transaction that seals (`changes_as_writes`), one after the
other; so a day's item is met by few writes however many requests there are, and needs no shards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from portal.aws.client.codec import moment, pack, unpack
from portal.aws.client.keys import TOTALS_KEYS
from portal.aws.client.table import Table
from portal.aws.client.usage_keys import (
    day_tops_key,
    day_usage_key,
    log_taken_key,
    service_state_key,
    subject_usage_key,
    top_list,
)
from portal.aws.client.writes import Item, Write, put, update
from portal.aws.tables.counters import add_counts, sum_totals
from portal.domain.usage.attention import ServiceState
from portal.domain.usage.figures import (
    COUNTED_OF,
    DayUsage,
    Figure,
    Kind,
    Subject,
    SubjectUsage,
    UsageChanges,
)
from portal.domain.usage.reading import UsageReading
from portal.domain.usage.tops import KEPT, DayTops, TopEntry

KEPT_DAYS = 100  # what is known of single people, domains and files; the days of all stay


class UsageTable:
    def __init__(self, table: Table) -> None:
        self.table = table

    def read(self, days: Sequence[date], tops_of: Sequence[date] = ()) -> UsageReading:
        counted = {day_usage_key(day): day for day in days}
        listed = {day_tops_key(day): day for day in tops_of}
        items = self.table.get_many([*TOTALS_KEYS, service_state_key(), log_taken_key(), *counted, *listed])
        state, log = items.get(service_state_key()), items.get(log_taken_key())
        return UsageReading(
            {day: read_day(items[key]) for key, day in counted.items() if key in items},
            {day: read_tops(items[key]) for key, day in listed.items() if key in items},
            {day: items[key]["stored"] for key, day in listed.items() if "stored" in items.get(key, {})},
            sum_totals(items.get(key) for key in TOTALS_KEYS),
            unpack(ServiceState, state) if state else None,
            datetime.fromisoformat(log["taken_at"]) if log else None,
        )

    def list_top(self, day: date, kind: Kind, limit: int) -> list[tuple[Subject, SubjectUsage]]:
        items, _ = self.table.query(
            "#list_pk = :list", index="by_size", descending=True, limit=limit, list=top_list(day, kind)
        )
        return [(Subject(day, kind, item["subject"]), read_subject(item, kind)) for item in items]

    def keep_tops(self, day: date, now: datetime) -> None:
        tops = {
            kind: [
                TopEntry(subject.id, usage.counts, usage.name)
                for subject, usage in self.list_top(day, kind, KEPT)
            ]
            for kind in Kind
        }
        pk, sk = day_tops_key(day)
        kept = {"pk": pk, "sk": sk, "ttl": ends_at(day), "made_at": moment(now), **pack(tops)}
        stored = self.read_stored(day, now)
        self.put_newer({**kept, **({} if stored is None else {"stored": stored})}, "made_at")

    def read_stored(self, day: date, now: datetime) -> int | None:
        """The bytes that there are, while the day is not over; then as they were at the last look."""
        if day == now.astimezone(UTC).date():
            return sum_totals(self.table.get_many(TOTALS_KEYS).values()).bytes
        found = (self.table.get(day_tops_key(day)) or {}).get("stored")
        return None if found is None else int(found)

    def keep_state(self, state: ServiceState) -> None:
        pk, sk = service_state_key()
        self.put_newer({"pk": pk, "sk": sk, **pack(state)}, "ticked_at")

    def note_log(self, taken_at: datetime) -> None:
        pk, sk = log_taken_key()
        self.put_newer({"pk": pk, "sk": sk, "taken_at": moment(taken_at)}, "taken_at")

    def put_newer(self, item: Item, name: str) -> None:
        """Unless what is there is newer by the time of this name."""
        condition = f"attribute_not_exists(#{name}) OR #{name} <= :newer"
        self.table.try_write(put(item, condition, newer=item[name]))


def changes_as_writes(changes: UsageChanges) -> list[Write]:
    """As many as `changes.size`; none has a condition, and each item comes once."""
    return [
        *(count_day(day, usage) for day, usage in changes.days.items()),
        *(count_subject(subject, usage) for subject, usage in changes.subjects.items()),
    ]


def count_day(day: date, usage: DayUsage) -> Write:
    counts: dict[str, Any] = {str(figure): number for figure, number in usage.counts.items() if number}
    if usage.active:
        counts["active"] = set(usage.active)
    return add_counts(day_usage_key(day), counts)


def count_subject(subject: Subject, usage: SubjectUsage) -> Write:
    """The bytes it had are what it is listed by; one without any stands last."""
    counts: dict[str, Any] = {str(figure): number for figure, number in usage.counts.items() if number}
    counts["list_size"] = counts.pop(Figure.BYTES_DELIVERED, 0)
    named: dict[str, Any] = {"name": usage.name} if usage.name else {}
    more = "".join(f", #{name} = :{name}" for name in named)
    additions = ", ".join(f"#{name} :{name}" for name in counts)
    return update(
        subject_usage_key(subject.day, subject.kind, subject.id),
        f"SET #list_pk = :list, #subject = :subject, #ttl = :ttl{more} ADD {additions}",
        list=top_list(subject.day, subject.kind), subject=subject.id, ttl=ends_at(subject.day),
        **counts, **named,
    )  # fmt: skip


def ends_at(day: date) -> int:
    return int((datetime.combine(day, time(), UTC) + timedelta(days=KEPT_DAYS)).timestamp())


def read_day(item: Item) -> DayUsage:
    counts = {figure: item[figure] for figure in Figure if item.get(figure)}
    return DayUsage(counts, frozenset(item.get("active", ())))


def read_subject(item: Item, kind: Kind) -> SubjectUsage:
    known = {**item, str(Figure.BYTES_DELIVERED): item["list_size"]}
    return SubjectUsage(
        {figure: known[figure] for figure in COUNTED_OF[kind] if known.get(figure)}, item.get("name", "")
    )


def read_tops(item: Mapping[str, Any]) -> DayTops:
    return {kind: tuple(unpack(TopEntry, each) for each in item.get(kind, ())) for kind in Kind}
