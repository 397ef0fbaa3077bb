"""The form that makes an access token. It carries the token's id, so that sent twice it makes one."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.domain.people.access_tokens import DEFAULT_DAYS
from portal.domain.people.person import Scope
from portal.web.wording.role_words import SCOPES

DAYS = (7, 30, DEFAULT_DAYS, 180, 365)


class TokenForm(FlaskForm):
    submission_id = HiddenField()
    name = StringField(lazy_gettext("What it is for"))
    scopes = SelectMultipleField(
        lazy_gettext("What it may do"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )
    days = SelectField(lazy_gettext("Valid for"), coerce=int, default=DEFAULT_DAYS)

    def offer(self, scopes: Iterable[Scope]) -> TokenForm:
        self.scopes.choices = [(str(each), gettext(SCOPES[each])) for each in scopes]
        self.days.choices = [(each, ngettext("%(num)d day", "%(num)d days", each)) for each in DAYS]
        return self
