"""The forms about files. They check nothing themselves: the workflows do, and `refusals.lay` shows it."""

from __future__ import annotations

from flask_babel import lazy_gettext, ngettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField

from portal.workflows.files.owned_files import KEEP_DAYS


class RenameForm(FlaskForm):
    name = StringField(lazy_gettext("Name"))


class KeepForm(FlaskForm):
    days = SelectField(lazy_gettext("Keep it, from today, for"), coerce=int)

    def __init__(self, *values: object, **named: object) -> None:
        super().__init__(*values, **named)
        self.days.choices = [(days, ngettext("%(num)d day", "%(num)d days", days)) for days in KEEP_DAYS]


class PlainUploadForm(FlaskForm):
    """For browsers without scripts, where nobody can tell the portal what the chosen file is called."""

    name = StringField(lazy_gettext("Name of the file"))
