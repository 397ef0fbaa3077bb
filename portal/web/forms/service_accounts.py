"""The form that makes a service account. It carries what its id is made of: sent twice it makes one."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.domain.people.person import Role
from portal.domain.people.service_accounts import OFFERED
from portal.web.forms.people import CHOICES


class ServiceAccountForm(FlaskForm):
    submission_id = HiddenField()
    name = StringField(lazy_gettext("Name"))
    address = StringField(lazy_gettext("Email address"))
    roles = SelectMultipleField(
        lazy_gettext("Roles"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)
        self.roles.choices = [(str(role), gettext(words)) for role, words in CHOICES if role in OFFERED]

    @property
    def chosen(self) -> frozenset[Role]:
        """Of those offered; what else is sent is no choice."""
        return frozenset(role for role in OFFERED if role in (self.roles.data or ()))
