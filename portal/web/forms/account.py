"""The form that deletes an account."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField


class CloseAccountForm(FlaskForm):
    """confirmation: one's own address, typed, since this cannot be undone."""

    confirmation = StringField(lazy_gettext("Your email address"))
