"""The forms with which administrators invite people and decide what they may do and have."""

from __future__ import annotations

from collections.abc import Container

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import FloatField, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.domain.errors import N_
from portal.domain.people.person import Role

GIGABYTE = 10**9
CHOICES: tuple[tuple[Role, str], ...] = (
    (Role.UPLOADER, N_("Upload files")),
    (Role.SHARER, N_("Share files")),
    (Role.DELETER, N_("Delete files")),
    (Role.READER, N_("Read only")),
    (Role.AUDITOR, N_("Audit reader")),
    (Role.ADMIN, N_("Administrator")),
)


class InviteForm(FlaskForm):
    """address and name of one, or a list of many: in a field or as a file."""

    address = StringField(lazy_gettext("Email address"))
    name = StringField(lazy_gettext("Name"))


class InviteListForm(FlaskForm):
    lines = TextAreaField(lazy_gettext("People, one a line"))
    file = FileField(lazy_gettext("Or a CSV file"))


class RolesForm(FlaskForm):
    roles = SelectMultipleField(
        lazy_gettext("Roles"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        self.roles.choices = [(str(role), gettext(words)) for role, words in CHOICES]

    def offer(self, roles: Container[Role]) -> RolesForm:
        """These alone."""
        self.roles.choices = [(str(role), gettext(words)) for role, words in CHOICES if role in roles]
        return self

    @property
    def chosen(self) -> frozenset[Role]:
        """Of those offered; what else is sent is no choice."""
        return frozenset(role for role, _ in CHOICES if role in (self.roles.data or ()))


class QuotaForm(FlaskForm):
    """Empty where the limits of everyone are to count."""

    gigabytes = FloatField(
        lazy_gettext("Storage in GB"),
        [Optional(), NumberRange(0, 10**6, lazy_gettext("Enter a number from 0, or nothing."))],
    )
    files = IntegerField(
        lazy_gettext("Number of files"),
        [Optional(), NumberRange(0, 10**9, lazy_gettext("Enter a number from 0, or nothing."))],
    )


class DeletePersonForm(FlaskForm):
    confirmation = StringField(lazy_gettext("Their email address"))
