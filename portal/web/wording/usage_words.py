"""Figures in words: what they are called, how they are written, and as charts by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from flask_babel import gettext

from portal import formatting
from portal.domain.errors import N_
from portal.domain.usage.figures import DayUsage, Figure
from portal.domain.usage.reading import Sums
from portal.web import current
from portal.web.wording import formats, i18n

PEOPLE = N_("Active people")
FIGURES: dict[Figure, str] = {
    Figure.UPLOADS: N_("Files uploaded"),
    Figure.BYTES_UPLOADED: N_("Bytes uploaded"),
    Figure.FILES_REMOVED: N_("Files removed for good"),
    Figure.SHARES: N_("New shares"),
    Figure.RECIPIENTS: N_("New recipients"),
    Figure.DOWNLOADS: N_("Downloads"),
    Figure.PREVIEWS: N_("Previews"),
    Figure.BYTES_DELIVERED: N_("Bytes delivered"),
    Figure.COMPLETE: N_("Complete deliveries"),
    Figure.BROKEN_OFF: N_("Broken off"),
    Figure.MAILS_SENT: N_("Emails sent"),
    Figure.BOUNCES: N_("Emails that bounced"),
    Figure.SOFT_BOUNCES: N_("Emails that bounced for now"),
    Figure.COMPLAINTS: N_("Emails marked as spam"),
    Figure.SIGN_INS: N_("Sign-ins"),
    Figure.REQUESTS: N_("Requests for more"),
}
IN_BYTES = {Figure.BYTES_UPLOADED, Figure.BYTES_DELIVERED}


@dataclass(frozen=True)
class Number:
    """One figure of a period, with the period before."""

    label: str
    value: str
    before: str


@dataclass(frozen=True)
class Bar:
    day: str
    value: int
    text: str


@dataclass(frozen=True)
class Chart:
    """name: its id in the page."""

    name: str
    title: str
    bars: list[Bar]

    @property
    def is_empty(self) -> bool:
        return not any(each.value for each in self.bars)


def list_numbers(figures: Sequence[Figure], sums: Sums, before: Sums) -> list[Number]:
    return [
        Number(
            gettext(FIGURES[each]),
            write_figure(each, sums.count(each)),
            write_figure(each, before.count(each)),
        )
        for each in figures
    ]


def count_active(sums: Sums, before: Sums) -> Number:
    return Number(gettext(PEOPLE), formats.count(sums.people), formats.count(before.people))


def draw_figure(figure: Figure, days: Sequence[tuple[date, DayUsage]]) -> Chart:
    bars = [
        Bar(name_day(day), usage.count(figure), write_figure(figure, usage.count(figure)))
        for day, usage in days
    ]
    return Chart(figure, gettext(FIGURES[figure]), bars)


def draw_people(days: Sequence[tuple[date, DayUsage]]) -> Chart:
    bars = [Bar(name_day(day), usage.people, formats.count(usage.people)) for day, usage in days]
    return Chart("people", gettext(PEOPLE), bars)


def write_figure(figure: Figure, value: int) -> str:
    return formats.filesize(value) if figure in IN_BYTES else formats.count(value)


def write_rate(rate: float | None) -> str:
    """ "4.2 %"; of none nothing can be said."""
    return formatting.percent(rate, i18n.language()) if rate is not None else "–"


def name_day(day: date) -> str:
    """A day of UTC, as "27 Nov"; the reader's zone does not move it."""
    noon = datetime.combine(day, time(12), UTC)
    return formatting.date(noon, formats.UTC_ZONE, i18n.language(), current.now())
