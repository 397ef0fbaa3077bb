"""The forms that start a report on the access log: one of ours, or a query of one's own."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField

from portal.domain.usage.reports import ReportKind
from portal.web.wording.report_words import KINDS


class ReportForm(FlaskForm):
    kind = RadioField(
        lazy_gettext("Report"),
        choices=[
            (str(kind), lazy_gettext(KINDS[kind])) for kind in ReportKind if kind is not ReportKind.FREE
        ],
        default=ReportKind.BANDWIDTH,
        validate_choice=False,
    )
    first = StringField(lazy_gettext("From day (UTC)"))
    last = StringField(lazy_gettext("To day (UTC)"))


class QueryForm(FlaskForm):
    query = TextAreaField(lazy_gettext("Query"))
