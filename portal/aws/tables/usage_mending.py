"""Counters of a day, all of them as they are now, and each put right while it is still so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from portal.aws.client.table import Table
from portal.aws.client.usage_keys import day_usage_key, subject_usage_key, top_list
from portal.aws.client.writes import Key, Write, update
from portal.aws.tables.usage_table import ends_at, read_day, read_subject
from portal.domain.usage.figures import DayUsage, Figure, Kind, Subject, SubjectUsage, UsageChanges

KEYS_A_CALL = 100


class UsageMending:
    def __init__(self, table: Table) -> None:
        self.table = table

    def read_counters(self, day: date) -> UsageChanges:
        found = self.table.get(day_usage_key(day))
        subjects = {subject: usage for kind in Kind for subject, usage in self.read_kind(day, kind)}
        return UsageChanges({day: read_day(found)} if found else {}, subjects)

    def read_kind(self, day: date, kind: Kind) -> Iterator[tuple[Subject, SubjectUsage]]:
        """The index says which there are, the table what they have."""
        listed = self.table.query_all("#list_pk = :list", index="by_size", list=top_list(day, kind))
        names = [item["subject"] for item in listed]
        for start in range(0, len(names), KEYS_A_CALL):
            keys = {subject_usage_key(day, kind, name): name for name in names[start : start + KEYS_A_CALL]}
            for key, item in self.table.get_many(list(keys)).items():
                yield Subject(day, kind, keys[key]), read_subject(item, kind)

    def mend(self, day: date, counted: UsageChanges, right: UsageChanges) -> bool:
        """Each counter by itself: a day may have more of them than a transaction can have."""
        done = [self.table.try_write(each) for each in set_right(day, counted, right)]
        return all(done)


def set_right(day: date, counted: UsageChanges, right: UsageChanges) -> Iterator[Write]:
    """A write for each counter that is not right, on condition that it is as it was read."""
    before, after = (each.days.get(day, DayUsage()) for each in (counted, right))
    if before != after:
        yield replace_counts(day_usage_key(day), list_day(before), list_day(after))
    for subject in sorted({*counted.subjects, *right.subjects}):
        one, other = (each.subjects.get(subject, SubjectUsage()) for each in (counted, right))
        if one.counts != other.counts:
            yield replace_subject(subject, one, other)


def replace_subject(subject: Subject, before: SubjectUsage, after: SubjectUsage) -> Write:
    key = subject_usage_key(subject.day, subject.kind, subject.id)
    fixed: dict[str, Any] = {
        "list_pk": top_list(subject.day, subject.kind), "subject": subject.id, "ttl": ends_at(subject.day),
    }  # fmt: skip
    fixed |= {"name": after.name} if after.name else {}
    return replace_counts(key, list_subject(before), list_subject(after), fixed)


def list_day(usage: DayUsage) -> dict[str, Any]:
    active: dict[str, Any] = {"active": set(usage.active)} if usage.active else {}
    return {str(figure): number for figure, number in usage.counts.items()} | active


def list_subject(usage: SubjectUsage) -> dict[str, Any]:
    counts = {str(figure): number for figure, number in usage.counts.items()}
    return counts | {"list_size": counts.pop(Figure.BYTES_DELIVERED, 0)}


def replace_counts(
    key: Key, before: dict[str, Any], after: dict[str, Any], fixed: dict[str, Any] | None = None
) -> Write:
    """What is not counted may be missing, or be there as 0."""
    names = sorted({*before, *after})
    gone = [name for name in names if not after.get(name)]
    conditions = [
        f"#{name} = :seen_{name}"
        if before.get(name)
        else f"(attribute_not_exists(#{name}) OR #{name} = :zero)"
        for name in names
    ]
    values = {name: after[name] for name in names if name not in gone} | (fixed or {})
    if "list_size" in gone:  # what it is listed by stays
        gone.remove("list_size")
        values["list_size"] = 0
    change = "SET " + ", ".join(f"#{name} = :{name}" for name in values) if values else ""
    change += " REMOVE " + ", ".join(f"#{name}" for name in gone) if gone else ""
    seen = {f"seen_{name}": before[name] for name in names if before.get(name)}
    zero: dict[str, Any] = {"zero": 0} if any(not before.get(name) for name in names) else {}
    return update(key, change.strip(), " AND ".join(conditions), **values, **seen, **zero)
