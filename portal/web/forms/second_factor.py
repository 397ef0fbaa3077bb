"""The form with which somebody shows that their app has the secret."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField


class SecondFactorForm(FlaskForm):
    code = StringField(lazy_gettext("Code from the app"))
