"""Sizes, numbers and times as people say them, in their language and zone. Pages and emails share this.

Patterns come from CLDR through Babel, so that a new language needs no patterns of ours.
"""

from __future__ import annotations

import re
from datetime import date as Date
from datetime import datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import DateTimePattern, format_time, get_timezone_location, parse_pattern
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

KEPT = 4096  # days, times and figures whose words are remembered: lists repeat them, and Babel is slow
UNITS = ("kB", "MB", "GB", "TB", "PB")
REGIONS = {"en": "en_GB"}  # the English here is British: days before months, 24 hours


@lru_cache(maxsize=32)
def locale(language: str) -> Locale:
    return Locale.parse(REGIONS.get(language, language))


def number(value: int, language: str) -> str:
    return format_decimal(value, locale=locale(language))


def size(bytes_: int, language: str) -> str:
    """ "2.4 GB": decimal units, as disks are sold in, with one decimal; a small size in bytes.

    999.95 kB is 1.0 MB: what would round up to 1,000 takes the next unit.
    """
    if bytes_ < 1000:
        return exact_size(bytes_, language)
    value, unit = bytes_ / 1000, 0
    while round(value, 1) >= 1000 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    # A no-break space, so that the figure and its unit stay on one line.
    return f"{format_figure(round(value, 1), language)}\N{NO-BREAK SPACE}{UNITS[unit]}"


@lru_cache(maxsize=KEPT)
def format_figure(value: float, language: str) -> str:
    return format_decimal(value, "#,##0.0", locale=locale(language))


def exact_size(bytes_: int, language: str) -> str:
    """ "2,400,000,123 bytes"."""
    return format_unit(bytes_, "digital-byte", length="long", locale=locale(language))


def moment(at: datetime, zone: ZoneInfo, language: str, now: datetime) -> str:
    """The day and the time: "27 Nov, 18:00", with the year where it is not the reader's present one."""
    return f"{date(at, zone, language, now)}, {clock(at, zone, language)}"


def date(at: datetime, zone: ZoneInfo, language: str, now: datetime) -> str:
    return format_fields(at, zone, language, now, "MMMd", "yMMMd")


def weekday(at: datetime, zone: ZoneInfo, language: str, now: datetime) -> str:
    """The moment with its day of the week in full: "Friday 27 Nov, 18:00"."""
    return f"{format_fields(at, zone, language, now, 'MMMEEEEd', 'yMMMEEEEd')}, {clock(at, zone, language)}"


def exact(at: datetime, zone: ZoneInfo, language: str) -> str:
    """To the second, with the offset: for the hover text."""
    here = at.astimezone(zone)
    offset = f"{here:%z}".replace("+0000", "")
    return f"{format_day(here.date(), 'yMMMEd', language)}, {here:%H:%M:%S} (UTC{offset})"


def clock(at: datetime, zone: ZoneInfo, language: str) -> str:
    here = at.astimezone(zone)
    return format_clock(here.hour, here.minute, language)


@lru_cache(maxsize=KEPT)
def format_clock(hour: int, minute: int, language: str) -> str:
    return format_time(time(hour, minute), "short", locale=locale(language))


def city(zone: ZoneInfo, language: str) -> str:
    """The city a zone is known by, in the language: "Lisbon"; UTC stays UTC."""
    if zone.key in {"UTC", "Etc/UTC"}:
        return "UTC"
    return get_timezone_location(zone, locale=locale(language), return_city=True)


def format_fields(
    at: datetime, zone: ZoneInfo, language: str, now: datetime, this_year: str, other_year: str
) -> str:
    here = at.astimezone(zone)
    skeleton = this_year if here.year == now.astimezone(zone).year else other_year
    return format_day(here.date(), skeleton, language)


@lru_cache(maxsize=KEPT)
def format_day(day: Date, skeleton: str, language: str) -> str:
    return pattern(skeleton, language).apply(day, locale(language))


@lru_cache(maxsize=128)
def pattern(skeleton: str, language: str) -> DateTimePattern:
    """CLDR's pattern for these fields in this language.

    CLDR lists weekdays short (E); the same pattern serves a weekday in full (EEEE).
    """
    listed = locale(language).datetime_skeletons[skeleton.replace("EEEE", "E")]
    return parse_pattern(re.sub("E+", "EEEE", listed.pattern)) if "EEEE" in skeleton else listed


def percent(share: float, language: str) -> str:
    """ "4.2%", with two decimals where it is small: a tenth of one per cent may be much."""
    return format_percent(share, "#,##0.##%", locale=locale(language))


def decimal(value: float, language: str) -> str:
    """ "12.3", with one decimal."""
    return format_decimal(value, "#,##0.0", locale=locale(language))


def dollars(amount: Decimal, language: str, decimals: int = 2) -> str:
    """ "12.34 USD": with the currency's code, as a dollar sign may be another country's. decimals: how many
    there may be; two there are.
    """
    shape = "#,##0.00" + "#" * (decimals - 2)
    figure = format_decimal(amount, shape, locale=locale(language))
    return f"{figure}\N{NO-BREAK SPACE}USD"
