"""The forms about files. They check nothing themselves: the workflows do, and `refusals.lay` shows it."""

from __future__ import annotations

import re
from datetime import timedelta

from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField

from portal.domain.files.lifetimes import FOR_EVER_DAYS
from portal.domain.policy.file_rules import list_lives
from portal.domain.policy.limits import Limits

NO_TIME = timedelta(0)


class RenameForm(FlaskForm):
    name = StringField(lazy_gettext("Name"))


class KeepForm(FlaskForm):
    """days: so many days, or hours with an h behind them."""

    days = SelectField(lazy_gettext("Keep it, from now, for"))

    def offer(self, limits: Limits) -> KeepForm:
        """With the retention periods that the policy leaves."""
        self.days.choices = [(write_life(each), say_life(each)) for each in list_lives(limits)]
        return self

    @property
    def chosen(self) -> timedelta:
        """No time at all where that cannot be read; which one may choose, the workflow says."""
        found = re.fullmatch("([0-9]{1,5})(h?)", self.days.data or "")
        if found is None:
            return NO_TIME
        return timedelta(hours=int(found[1])) if found[2] else timedelta(days=int(found[1]))


def write_life(life: timedelta) -> str:
    return str(life.days) if life.days else f"{life.seconds // 3600}h"


def say_life(life: timedelta) -> str:
    if life.days >= FOR_EVER_DAYS:
        return str(gettext("for ever"))
    if life.days:
        return str(ngettext("%(num)d day", "%(num)d days", life.days))
    return str(ngettext("%(num)d hour", "%(num)d hours", life.seconds // 3600))


class PlainUploadForm(FlaskForm):
    """For browsers without scripts, where nobody can tell the portal what the chosen file is called."""

    name = StringField(lazy_gettext("Name of the file"))
