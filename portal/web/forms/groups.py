"""The forms of recipient groups. They carry the version that their reader saw (R63)."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.widgets import HiddenInput


class GroupForm(FlaskForm):
    name = StringField(lazy_gettext("Name"))
    recipients = TextAreaField(lazy_gettext("Addresses"))
    version = IntegerField(widget=HiddenInput())

    def see(self, version: int) -> None:
        """Saving replaces this version: whoever sends it now has seen it."""
        self.version.process_data(version)
        self.version.raw_data = None


class OrganisationGroupForm(GroupForm):
    """keepers: on the forms of administrators alone."""

    keepers = TextAreaField(lazy_gettext("Keepers"))


class TakeOutForm(FlaskForm):
    address = StringField(lazy_gettext("Email address"))
