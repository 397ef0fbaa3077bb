"""Until when a share is open: presets and dates, in the sender's zone, kept as UTC (R47)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.domain.errors import N_, Invalid

PRESET_DAYS = (1, 3, 7, 14, 30, 90)


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; UTC where the name is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, a folder of zones, a path outside the database
        return ZoneInfo("UTC")


def end_of_day(day: date, in_zone: ZoneInfo) -> datetime:
    """The last second of a day there, also where that day has 23 or 25 hours.

    Not the next day's midnight: "Friday 27 Nov, 00:00" reads as if that Friday still counted.
    """
    return datetime.combine(day + timedelta(days=1), time(), in_zone).astimezone(UTC) - timedelta(seconds=1)


def end_of_day_in(days: int, now: datetime, in_zone: ZoneInfo) -> datetime:
    """The end of the day that many days from now, in the sender's zone."""
    return end_of_day(now.astimezone(in_zone).date() + timedelta(days=days), in_zone)


def last_day(day: date, now: datetime, most_days: int, in_zone: ZoneInfo) -> datetime:
    """The end of that day, once it is in the future and within what is allowed; raises Invalid otherwise."""
    try:
        ends = end_of_day(day, in_zone)
    except OverflowError:
        ends = datetime.max.replace(tzinfo=UTC)
    return check_expiry(ends, now, most_days, in_zone)


def check_expiry(expires_at: datetime, now: datetime, most_days: int, in_zone: ZoneInfo) -> datetime:
    """The expiry itself, once it is in the future and within what is allowed; raises Invalid otherwise."""
    if expires_at <= now:
        raise Invalid(
            N_("The expiry date must not be in the past."), field="expires_on", reason="expiry_past"
        )
    if expires_at > end_of_day_in(most_days, now, in_zone):
        raise Invalid(
            N_("The expiry date can be at most %(days)s days away."),
            field="expires_on",
            reason="expiry_beyond_policy",
            params={"days": most_days},
        )
    return expires_at
