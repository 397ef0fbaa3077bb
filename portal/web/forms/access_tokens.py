"""The form that makes an access token. It carries the token's id, so that sent twice it makes one."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from portal.domain.people.access_tokens import DEFAULT_DAYS
from portal.domain.people.person import Scope
from portal.web.identity.access import staff_request
from portal.web.wording.role_words import SCOPES
from portal.workflows.people.access_tokens import MakeToken

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

    def read(self, account_id: str = "") -> MakeToken:
        """What was typed and ticked. account_id: of a service account; empty for one's own token."""
        return MakeToken(
            staff_request(), account_id=account_id, submission_id=self.submission_id.data or "",
            name=self.name.data or "", scopes=self.scopes.data or (),
            days=None if self.days.process_errors else self.days.data,
        )  # fmt: skip
