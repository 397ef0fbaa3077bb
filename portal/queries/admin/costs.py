"""What a period cost: by day and in all, by person or by share, and what a shorter retention would save. From
counters alone; of people and shares those with most bytes of each day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from portal.domain.shares.share import Share
from portal.domain.usage.costs import (
    Cost,
    DayCost,
    Saving,
    add_up,
    count_open_days,
    find_cost,
    list_day_costs,
    list_savings,
    sort_by_cost,
)
from portal.domain.usage.figures import Figure, Kind
from portal.domain.usage.periods import MAX_DAYS, Period, latest
from portal.domain.usage.reading import UsageReading
from portal.domain.usage.tops import TopEntry, merge_tops
from portal.engine.services import Services

SHOWN = 20
EXPORTED = 30  # three items of each are read in one call


@dataclass(frozen=True)
class CostRow:
    """One person or share. name: empty where it is not there any more; about: a share's owner."""

    id: str
    name: str
    cost: Cost
    about: str = ""


@dataclass(frozen=True)
class CostsPage:
    period: Period
    days: list[DayCost]
    sum: Cost
    rows: list[CostRow]
    savings: list[Saving]
    file_days: int
    knows_storage: bool


def get_costs(period: Period, today: date, kind: Kind, services: Services, most: int = SHOWN) -> CostsPage:
    """kind: a person or a share."""
    recent = latest(MAX_DAYS, today)
    days = sorted({*period.days, *recent.days})
    reading = services.usage.read(days, period.days)
    costs = list_day_costs(reading, period, services.prices)
    listed = [reading.tops[day] for day in period.days if day in reading.tops]
    entries = merge_tops(listed, kind, most)
    rows = LISTED[kind](entries, period, services)
    kept = services.limits.file_days
    return CostsPage(
        period, costs, add_up(each.cost for each in costs), rows,
        list_savings(reading, today, kept, services.prices), kept, bool(reading.stored),
    )  # fmt: skip


def get_day_costs(period: Period, services: Services) -> list[DayCost]:
    reading: UsageReading = services.usage.read(period.days, period.days)
    return list_day_costs(reading, period, services.prices)


def list_people(entries: list[TopEntry], period: Period, services: Services) -> list[CostRow]:
    """What they store now, as if they had stored it on each of these days; whom they invited; and what was
    fetched of theirs.
    """
    ids = [each.id for each in entries]
    standings = services.people_administration.get_standings(ids, services.clock())
    costs = {
        each.id: find_cost(
            standings[each.id].usage.bytes * period.length, each.counts.get(Figure.RECIPIENTS, 0),
            each.counts.get(Figure.BYTES_DELIVERED, 0), services.prices,
        )
        for each in entries
    }  # fmt: skip
    profiles = {each: standings[each].profile for each in ids}
    names = {each: profile.person.name if profile else "" for each, profile in profiles.items()}
    return [CostRow(each, names[each], cost) for each, cost in sort_by_cost(list(costs.items()))]


def list_shares(entries: list[TopEntry], period: Period, services: Services) -> list[CostRow]:
    """Their files on the days that they were open, emails to their recipients, and what those fetched."""
    ids = [each.id for each in entries]
    shares = {each.id: each for each in services.shares.get_many(ids)} if ids else {}
    costs = {
        each.id: find_cost(
            count_byte_days(shares.get(each.id), period), each.counts.get(Figure.MAILS_SENT, 0),
            each.counts.get(Figure.BYTES_DELIVERED, 0), services.prices,
        )
        for each in entries
    }  # fmt: skip
    return [describe_share(each, shares.get(each), cost) for each, cost in sort_by_cost(list(costs.items()))]


def count_byte_days(share: Share | None, period: Period) -> int:
    if share is None:
        return 0
    return share.size * count_open_days(share.created_at.date(), share.expires_at.date(), period)


def describe_share(share_id: str, share: Share | None, cost: Cost) -> CostRow:
    if share is None:
        return CostRow(share_id, "", cost)
    return CostRow(share_id, name_files(share), cost, share.owner_name)


LISTED: Mapping[Kind, Callable[[list[TopEntry], Period, Services], list[CostRow]]] = {
    Kind.PERSON: list_people, Kind.SHARE: list_shares,
}  # fmt: skip


def name_files(share: Share) -> str:
    """The first of its files, and that there are more."""
    return ", ".join(each.name for each in share.first_files) + (", …" if share.more_files else "")
