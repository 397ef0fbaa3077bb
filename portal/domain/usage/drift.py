"""Where counters of a day are not what the audit log says, figure by figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from portal.domain.usage.figures import DayUsage, Subject, SubjectUsage, UsageChanges

ACTIVE = "active_people"


@dataclass(frozen=True)
class Drift:
    """subject: of whom or what; None for everybody. counted: what the counter has; recorded: what the log
    says. Of active people both are numbers of places (`figures.place_of`).
    """

    day: date
    subject: Subject | None
    figure: str
    counted: int
    recorded: int


def find_drift(day: date, counted: UsageChanges, recorded: UsageChanges) -> Iterator[Drift]:
    """counted, recorded: of this day alone."""
    one, other = (each.days.get(day, DayUsage()) for each in (counted, recorded))
    for figure in sorted({*one.counts, *other.counts}):
        if one.count(figure) != other.count(figure):
            yield Drift(day, None, figure, one.count(figure), other.count(figure))
    if one.active != other.active:
        yield Drift(day, None, ACTIVE, len(one.active), len(other.active))
    for subject in sorted({*counted.subjects, *recorded.subjects}):
        yield from compare_subject(subject, counted, recorded)


def compare_subject(subject: Subject, counted: UsageChanges, recorded: UsageChanges) -> Iterator[Drift]:
    one, other = (each.subjects.get(subject, SubjectUsage()).counts for each in (counted, recorded))
    for figure in sorted({*one, *other}):
        if one.get(figure, 0) != other.get(figure, 0):
            yield Drift(subject.day, subject, figure, one.get(figure, 0), other.get(figure, 0))
