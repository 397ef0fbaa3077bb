"""The field that says who gets something: addresses as pasted, and groups to tick, one's own and the
organisation's.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext
from wtforms import SelectMultipleField, TextAreaField

from portal.domain.contacts.recipient_groups import Group


class RecipientsField:
    """Mixed into a form; `components/recipients_field.html` shows it, once the groups are offered."""

    recipients = TextAreaField(lazy_gettext("To"))
    groups = SelectMultipleField(lazy_gettext("Groups"), validate_choice=False)
    offered: Sequence[Group] = ()
    offered_to_all: Sequence[Group] = ()

    def offer_groups(self, own: Sequence[Group], organisations: Sequence[Group]) -> None:
        self.offered, self.offered_to_all = own, organisations

    @property
    def group_ids(self) -> list[str]:
        """The groups that are ticked, whether they are there or not: the workflow looks."""
        return list(self.groups.data or [])
