"""The templates' filters: sizes, numbers and times in the reader's language and zone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext
from markupsafe import Markup, escape

from portal import formatting
from portal.domain.audit import marks
from portal.domain.files import lifetimes, names
from portal.web import current
from portal.web.wording import i18n, role_words

UTC_ZONE = ZoneInfo("UTC")


def install(app: Flask) -> None:
    app.jinja_env.filters.update(
        filesize=filesize, count=count, moment=moment, day=day, weekday=weekday, exact=exact, iso=iso,
        until=until, initials=initials, isolate=isolate, few=few, kind=names.kind, split_name=names.split,
        roles=role_words.describe_roles, privileges=role_words.describe_privileges,
        scopes=role_words.describe_scopes,
        in_address=marks.write_in_address, ending=find_ending, days_left=count_days_left,
        for_ever=is_for_ever,
    )  # fmt: skip


def few(entries: Sequence[str], most: int = 10) -> str:
    """The first of a list, and that there are more."""
    return ", ".join([*entries[:most], *(["…"] if len(entries) > most else [])])


def filesize(size: int) -> str:
    """ "2.4 GB"."""
    return formatting.size(size, i18n.language())


def exact_size(size: int) -> str:
    return formatting.exact_size(size, i18n.language())


def count(value: int) -> str:
    return formatting.number(value, i18n.language())


def moment(at: datetime) -> str:
    """ "27 Nov, 18:00" in the reader's zone; "27 Nov, 18:00 UTC" while that is not known."""
    return name_zone(formatting.moment(at, zone(), i18n.language(), current.now()))


def day(at: datetime) -> str:
    return formatting.date(at, zone(), i18n.language(), current.now())


def weekday(at: datetime) -> str:
    return name_zone(formatting.weekday(at, zone(), i18n.language(), current.now()))


def until(at: datetime) -> str:
    """ "expires Friday 27 Nov, 18:00 your time"."""
    when = formatting.weekday(at, zone(), i18n.language(), current.now())
    if i18n.zone() is None:
        return str(gettext("expires %(when)s UTC", when=when))
    return str(gettext("expires %(when)s your time", when=when))


def exact(at: datetime) -> str:
    return formatting.exact(at, zone(), i18n.language())


def iso(at: datetime) -> str:
    """The machine's form, for `<time datetime>`."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def isolate(sentence: str, *names: str) -> Markup:
    """The sentence with each of these names kept apart from its direction: of people's own words nobody knows
    beforehand whether they run from the left or from the right.
    """
    said = sentence.unescape() if isinstance(sentence, Markup) else sentence
    wanted = "|".join(re.escape(each) for each in sorted(filter(None, names), key=len, reverse=True))
    if not wanted:
        return escape(said)
    pieces = re.split(f"({wanted})", said)  # every second one is a name
    return Markup("").join(
        Markup("<bdi>{}</bdi>").format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(pieces)
    )


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name, or the first two of an only one."""
    found = [word for word in name.split() if word[0].isalnum()]
    letters = found[0][:2] if len(found) == 1 else "".join(word[0] for word in (found[:1] + found[-1:]))
    return letters.upper() or "?"


def zone() -> ZoneInfo:
    return i18n.zone() or UTC_ZONE


def find_ending(at: datetime) -> str:
    """Whether a file's end is near: `soon`, `very_soon`, or nothing."""
    return lifetimes.find_ending(at, current.now()) or ""


def count_days_left(at: datetime) -> int:
    """Full days."""
    return max(0, (at - current.now()).days)


def is_for_ever(at: datetime) -> bool:
    return lifetimes.is_for_ever(at, current.now())


def name_zone(text: str) -> str:
    return text if i18n.zone() else f"{text} UTC"
