"""The form of a recipient group. It carries the version that its reader saw (R63)."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.widgets import HiddenInput


class GroupForm(FlaskForm):
    name = StringField(lazy_gettext("Name"))
    recipients = TextAreaField(lazy_gettext("Addresses"))
    version = IntegerField(widget=HiddenInput())
