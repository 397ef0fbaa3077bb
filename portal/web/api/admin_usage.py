"""How much the portal is used: of everybody by day, and who and what had most of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from marshmallow import fields

from portal.domain.usage.figures import Figure, Kind
from portal.domain.usage.periods import DEFAULT_DAYS, check_period, latest, parse_day
from portal.domain.usage.tops import TopEntry
from portal.queries.admin.usage import UsagePage, get_usage
from portal.web.api.fields import Asked, Moment, Text, Told, Whole, length
from portal.web.api.operations import operation
from portal.web.current import now, services

COUNTS: dict[str, Any] = {
    "keys": fields.String(), "values": fields.Integer(), "required": True,
    "metadata": {"description": f"by name: {', '.join(Figure)}"},
}  # fmt: skip


class PeriodAsked(Asked):
    """The last seven days where neither is said."""

    first = Text(validate=length(1, 20), data_key="from", metadata={"description": "a day of UTC"})
    last = Text(validate=length(1, 20), data_key="to", metadata={"description": "within the period"})


class SumsTold(Told):
    counts = fields.Dict(**COUNTS)
    active_people = Whole(attribute="people", required=True)


class DayTold(SumsTold):
    day = fields.Date(required=True)


class TopTold(Told):
    id = Text(required=True)
    name = Text(required=True)
    counts = fields.Dict(**COUNTS)


class TopsTold(Told):
    """Those with the most bytes delivered, of each kind."""

    people = fields.List(fields.Nested(TopTold), required=True)
    files = fields.List(fields.Nested(TopTold), required=True)
    domains = fields.List(fields.Nested(TopTold), required=True)


class UsagePageTold(Told):
    first_day = fields.Date(attribute="period.first", required=True)
    last_day = fields.Date(attribute="period.last", required=True)
    days = fields.List(fields.Nested(DayTold), required=True)
    total = fields.Nested(SumsTold, required=True)
    total_before = fields.Nested(
        SumsTold, required=True, metadata={"description": "of as many days just before"}
    )
    tops = fields.Nested(TopsTold, required=True)
    counted_until = Moment(allow_none=True, required=True)
    log_read_until = Moment(allow_none=True, required=True)


@operation("How much the portal is used, by day", query=PeriodAsked, answer=UsagePageTold)
def show(query: dict[str, Any]) -> dict[str, Any]:
    today = now().date()
    period = latest(DEFAULT_DAYS, today)
    if query:
        first, last = (parse_day(query[each]) if each in query else today for each in ("first", "last"))
        period = check_period(first, last, today)
    return tell_usage(get_usage(period, services()))


def tell_usage(usage: UsagePage) -> dict[str, Any]:
    return {
        "period": usage.period,
        "days": [tell_day(day, found.counts, found.people) for day, found in usage.days],
        "total": usage.sums, "total_before": usage.before,
        "tops": {
            "people": tell_tops(usage.tops[Kind.PERSON], usage.names),
            "files": tell_tops(usage.tops[Kind.FILE], {}),
            "domains": tell_tops(usage.tops[Kind.DOMAIN], {}),
        },
        "counted_until": usage.sealed_at, "log_read_until": usage.log_taken_at,
    }  # fmt: skip


def tell_day(day: date, counts: Mapping[Figure, int], people: int) -> dict[str, Any]:
    return {"day": day, "counts": counts, "people": people}


def tell_tops(entries: Sequence[TopEntry], names: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"id": each.id, "name": names.get(each.id, each.name), "counts": each.counts} for each in entries]
