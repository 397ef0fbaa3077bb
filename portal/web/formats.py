"""The templates' filters: sizes, numbers and times in the reader's language and zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext

from portal import spoken
from portal.domain import names
from portal.web import current, i18n

UTC_ZONE = ZoneInfo("UTC")


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        filesize=filesize, count=count, moment=moment, day=day, weekday=weekday, exact=exact, iso=iso,
        until=until, initials=initials, kind=names.kind, split_name=names.split,
    )  # fmt: skip


def filesize(size: int) -> str:
    """ "2.4 GB"."""
    return spoken.size(size, i18n.language())


def count(value: int) -> str:
    return spoken.number(value, i18n.language())


def moment(at: datetime) -> str:
    """ "27 Nov, 18:00" in the reader's zone; "27 Nov, 18:00 UTC" while that is not known."""
    return named(spoken.moment(at, zone(), i18n.language(), current.now()))


def day(at: datetime) -> str:
    return spoken.date(at, zone(), i18n.language(), current.now())


def weekday(at: datetime) -> str:
    return named(spoken.weekday(at, zone(), i18n.language(), current.now()))


def until(at: datetime) -> str:
    """ "expires Friday 27 Nov, 18:00 your time"."""
    when = spoken.weekday(at, zone(), i18n.language(), current.now())
    if i18n.zone() is None:
        return str(gettext("expires %(when)s UTC", when=when))
    return str(gettext("expires %(when)s your time", when=when))


def exact(at: datetime) -> str:
    return spoken.exact(at, zone(), i18n.language())


def iso(at: datetime) -> str:
    """The machine's form, for `<time datetime>`."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name, or the first two of an only one."""
    found = [word for word in name.split() if word[0].isalnum()]
    letters = found[0][:2] if len(found) == 1 else "".join(word[0] for word in (found[:1] + found[-1:]))
    return letters.upper() or "?"


def zone() -> ZoneInfo:
    return i18n.zone() or UTC_ZONE


def named(text: str) -> str:
    return text if i18n.zone() else f"{text} UTC"
