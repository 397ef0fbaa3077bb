"""What lists show by the hundred, as ready markup: a macro's call costs more than what it says."""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from flask_babel import gettext
from markupsafe import Markup, escape

from portal.web.wording import formats, i18n


def install(app: Flask) -> None:
    app.jinja_env.globals.update(
        draw_moment=draw_moment, draw_day=draw_day, draw_weekday=draw_weekday, draw_until=draw_until
    )


def draw_moment(at: datetime) -> Markup:
    return draw_time(at, formats.moment(at), "moment")


def draw_day(at: datetime) -> Markup:
    return draw_time(at, formats.day(at), "day")


def draw_weekday(at: datetime) -> Markup:
    return draw_time(at, formats.weekday(at), "weekday")


def draw_until(at: datetime) -> Markup:
    """ "expires Friday 27 Nov, 18:00 your time"."""
    sentence = gettext("expires %(when)s your time", when="{when}")
    return draw_time(at, formats.until(at), "weekday", f' data-sentence="{escape(sentence)}"')


def draw_time(at: datetime, text: str, form: str, more: str = "") -> Markup:
    """A time for people, the exact one on hover. Until the reader's zone is known it is in UTC and says so;
    local-time.js then puts it into the reader's own.
    """
    script = f' data-module="local-time" data-form="{form}"{more}' if i18n.zone() is None else ""
    exact = escape(formats.exact(at))
    return Markup(f'<time datetime="{formats.iso(at)}" title="{exact}"{script}>{escape(text)}</time>')  # noqa: S704
