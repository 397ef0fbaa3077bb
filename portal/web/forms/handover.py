"""The form that hands over what someone has."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField


class HandoverForm(FlaskForm):
    receiver = StringField(lazy_gettext("New owner's address, or id"))
