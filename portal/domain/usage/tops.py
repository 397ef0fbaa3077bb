"""Who and what had most on a day, kept as a short list a day, and the lists of several days put together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from portal.domain.usage.figures import Figure, Kind

KEPT = 25  # of each kind and day


@dataclass(frozen=True)
class TopEntry:
    """A person, a domain or a file. name: a file's."""

    id: str
    counts: Mapping[Figure, int] = field(default_factory=dict)
    name: str = ""


DayTops = Mapping[Kind, tuple[TopEntry, ...]]


def merge_tops(days: Iterable[DayTops], kind: Kind, limit: int) -> list[TopEntry]:
    """The first of a kind by the bytes of all these days, then by downloads.

    What is among no day's first `KEPT` is not seen, so over many days a sum may be a little too low.
    """
    counts: dict[str, Counter[Figure]] = {}
    names: dict[str, str] = {}
    for day in days:
        for each in day.get(kind, ()):
            counts.setdefault(each.id, Counter()).update(each.counts)
            names[each.id] = each.name or names.get(each.id, "")
    merged = [TopEntry(each, dict(sums), names[each]) for each, sums in counts.items()]
    return sorted(merged, key=rank, reverse=True)[:limit]


def rank(entry: TopEntry) -> tuple[int, int, str]:
    """The id last, so that equals are in the same order each time."""
    counts = entry.counts
    return counts.get(Figure.BYTES_DELIVERED, 0), counts.get(Figure.DOWNLOADS, 0), entry.id
