"""The field that says who gets something: addresses as pasted, and one's groups to tick."""

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

    def offer_groups(self, groups: Sequence[Group]) -> None:
        self.offered = groups

    @property
    def group_ids(self) -> list[str]:
        """The groups that are ticked, whether they are there or not: the workflow looks."""
        return list(self.groups.data or [])
