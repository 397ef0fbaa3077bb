"""Sentences of the history that depend on more than the action: on what else its record says."""

from __future__ import annotations

from portal.domain.audit.record import Action, AuditRecord
from portal.domain.errors import N_
from portal.domain.files.lifetimes import FOR_EVER_DAYS

# The same of a file that was not saved but looked at.
LOOKED_AT = (
    N_("%(name)s was looked at with the link of %(to)s."),
    N_("A preview was tried with the link of %(to)s."),
)
KEPT_FOR_EVER = (
    N_("%(who)s chose to keep %(name)s for ever."),
    N_("%(who)s tried to keep %(name)s for ever."),
)
KEPT_FOR_AN_HOUR = (
    N_("%(who)s chose to keep %(name)s for an hour."),
    N_("%(who)s tried to keep %(name)s for an hour."),
)


def find_variant(record: AuditRecord) -> tuple[str, str] | None:
    """Done, and tried; None where the action's own sentences say it."""
    if record.details.get("how") == "preview":
        return LOOKED_AT
    if record.action is Action.FILE_KEPT and record.details.get("days") == str(FOR_EVER_DAYS):
        return KEPT_FOR_EVER
    if record.action is Action.FILE_KEPT and "hours" in record.details:
        return KEPT_FOR_AN_HOUR
    return None
