"""The form that sets a legal hold, or releases one: each says why."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField


class HoldForm(FlaskForm):
    reason = StringField(lazy_gettext("Reason"))
