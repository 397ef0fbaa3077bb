"""How much the portal is used, in the table: one item a day of everybody, and one a person, recipient's
domain and file with traffic on a day, listed by the bytes they had.

Only who seals the audit log writes them, in the transaction that seals (`changes_as_writes`), one after the
other; so a day's item is met by few writes however many requests there are, and needs no shards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from portal.aws.client.keys import day_usage_key, subject_usage_key, top_list
from portal.aws.client.table import Table
from portal.aws.client.writes import Item, Write, update
from portal.domain.usage.figures import (
    COUNTED_OF,
    DayUsage,
    Figure,
    Kind,
    Subject,
    SubjectUsage,
    UsageChanges,
)

KEPT_DAYS = 100  # what is known of single people, domains and files; the days of all stay
KEYS_A_CALL = 100


class UsageTable:
    def __init__(self, table: Table) -> None:
        self.table = table

    def get_days(self, days: Sequence[date]) -> dict[date, DayUsage]:
        found: dict[date, DayUsage] = {}
        for start in range(0, len(days), KEYS_A_CALL):
            keys = {day_usage_key(str(day)): day for day in days[start : start + KEYS_A_CALL]}
            items = self.table.get_many(list(keys))
            found |= {keys[key]: read_day(item) for key, item in items.items()}
        return found

    def list_top(self, day: date, kind: Kind, limit: int) -> list[tuple[Subject, SubjectUsage]]:
        items, _ = self.table.query(
            "#list_pk = :list", index="by_size", descending=True, limit=limit, list=top_list(str(day), kind)
        )
        return [(Subject(day, kind, item["subject"]), read_subject(item, kind)) for item in items]


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
    return update(day_usage_key(str(day)), build_add(counts), **counts)


def count_subject(subject: Subject, usage: SubjectUsage) -> Write:
    """The bytes it had are what it is listed by; one without any stands last."""
    counts: dict[str, Any] = {str(figure): number for figure, number in usage.counts.items() if number}
    counts["list_size"] = counts.pop(Figure.BYTES_DELIVERED, 0)
    named: dict[str, Any] = {"name": usage.name} if usage.name else {}
    more = "".join(f", #{name} = :{name}" for name in named)
    return update(
        subject_usage_key(str(subject.day), subject.kind, subject.id),
        f"SET #list_pk = :list, #subject = :subject, #ttl = :ttl{more} {build_add(counts)}",
        list=top_list(str(subject.day), subject.kind), subject=subject.id, ttl=ends_at(subject.day),
        **counts, **named,
    )  # fmt: skip


def build_add(counts: Mapping[str, Any]) -> str:
    return "ADD " + ", ".join(f"#{name} :{name}" for name in counts)


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
