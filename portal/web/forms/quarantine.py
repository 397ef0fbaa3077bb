"""The forms on a file in quarantine: why it is to pass the malware scan."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.widgets import HiddenInput


class ReleaseForm(FlaskForm):
    """seen: when the release was asked for that the page showed."""

    reason = StringField(lazy_gettext("Why may it pass?"))
    seen = StringField(widget=HiddenInput())
