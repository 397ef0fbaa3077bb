"""Times as people type them: `7d`, `12h`, `2w`, `2026-12-24` or a whole time with its zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from portal_cli.problems import UsageProblem

SPAN = re.compile(r"(\d{1,4})([hdw])")
UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def parse_span(text: str) -> timedelta:
    found = SPAN.fullmatch(text.strip().lower())
    if not found or not int(found[1]):
        raise UsageProblem(f"{text} is no span of time: 12h, 7d or 2w.", reason="time")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def parse_end(text: str, now: datetime) -> datetime:
    """A span from now, the end of a day here, or a time."""
    if SPAN.fullmatch(text.strip().lower()):
        return now + parse_span(text)
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return datetime.combine(date.fromisoformat(text), time(23, 59, 59)).astimezone()
        found = datetime.fromisoformat(text)
    except ValueError as problem:
        raise UsageProblem(
            f"{text} is no time: 7d, 2026-12-24 or 2026-12-24T18:00:00Z.", reason="time"
        ) from problem
    return found.astimezone()


def read_now() -> datetime:
    return datetime.now(UTC)


def format_rfc_3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def format_for_people(text: str | None) -> str:
    """A time of the portal's as one reads it here; a dash for none."""
    if not text:
        return "–"
    return datetime.fromisoformat(text).astimezone().strftime("%d %b %Y %H:%M")
