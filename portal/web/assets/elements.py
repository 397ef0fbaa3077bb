"""What lists show by the hundred, as ready markup: a macro's call costs more than what it says."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import gettext
from markupsafe import Markup, escape

from portal import formatting
from portal.web import current
from portal.web.wording import formats, i18n

FORMS = {"moment": formatting.moment, "day": formatting.date, "weekday": formatting.weekday}


def install(app: Flask) -> None:
    app.jinja_env.globals.update(
        draw_moment=draw_moment, draw_day=draw_day, draw_weekday=draw_weekday, draw_until=draw_until
    )


def draw_moment(at: datetime) -> Markup:
    return draw_time(at, "moment")


def draw_day(at: datetime) -> Markup:
    return draw_time(at, "day")


def draw_weekday(at: datetime) -> Markup:
    return draw_time(at, "weekday")


def draw_until(at: datetime) -> Markup:
    """ "expires Friday 27 Nov, 18:00 your time"."""
    sentence = gettext("expires %(when)s your time", when="{when}")
    script = f' data-module="local-time" data-form="weekday" data-sentence="{escape(sentence)}"'
    text, exact = formats.until(at), formats.exact(at)
    return make_time(at, text, exact, script if i18n.zone() is None else "")


def draw_time(at: datetime, form: str) -> Markup:
    """A time for people, the exact one on hover. Until the reader's zone is known it is in UTC and says so;
    local-time.js then puts it into the reader's own.
    """
    zone = i18n.zone()
    now_there = current.now().astimezone(zone or formats.UTC_ZONE)
    return remember_time(at, form, i18n.language(), zone, now_there.year)


@lru_cache(maxsize=4096)
def remember_time(at: datetime, form: str, language: str, zone: ZoneInfo | None, year: int) -> Markup:
    """year: the reader's present one. A list is looked at again and again, and its times stay the same."""
    there, now = zone or formats.UTC_ZONE, datetime(year, 7, 1, tzinfo=UTC)
    text = FORMS[form](at, there, language, now)
    if zone is None and form != "day":
        text += " UTC"
    script = "" if zone else f' data-module="local-time" data-form="{form}"'
    return make_time(at, text, formatting.exact(at, there, language), script)


def make_time(at: datetime, text: str, exact: str, script: str) -> Markup:
    return Markup(  # noqa: S704
        f'<time datetime="{formats.iso(at)}" title="{escape(exact)}"{script}>{escape(text)}</time>'
    )
