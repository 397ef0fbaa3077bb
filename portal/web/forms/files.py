"""The forms about files. They check nothing themselves: the workflows do, and `refusals.lay` shows it."""

from __future__ import annotations

from flask_babel import lazy_gettext, ngettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField

from portal.domain.policy.file_rules import list_keep_days
from portal.domain.policy.limits import Limits


class RenameForm(FlaskForm):
    name = StringField(lazy_gettext("Name"))


class KeepForm(FlaskForm):
    days = SelectField(lazy_gettext("Keep it, from today, for"), coerce=int)

    def offer(self, limits: Limits) -> KeepForm:
        """With the retention periods that the policy leaves."""
        choices = [(days, ngettext("%(num)d day", "%(num)d days", days)) for days in list_keep_days(limits)]
        self.days.choices = choices
        return self


class PlainUploadForm(FlaskForm):
    """For browsers without scripts, where nobody can tell the portal what the chosen file is called."""

    name = StringField(lazy_gettext("Name of the file"))
