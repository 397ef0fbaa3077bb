"""Webhooks in words: what they tell of, how they are, why a call did not arrive, and what people did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask_babel import gettext

from portal.domain.audit.record import Action
from portal.domain.errors import N_
from portal.domain.webhooks.event_types import EventType

if TYPE_CHECKING:
    from portal.domain.webhooks.deliveries import Attempt

EVENTS: Mapping[EventType, str] = {
    EventType.FILE_UPLOADED: N_("A file was uploaded"),
    EventType.SHARE_CREATED: N_("Files were shared"),
    EventType.LINK_OPENED: N_("A recipient opened their link"),
    EventType.DOWNLOAD_STARTED: N_("A recipient started a download"),
    EventType.DOWNLOAD_COMPLETED: N_("All bytes of a file reached a recipient"),
    EventType.MAIL_BOUNCED: N_("An email to a recipient did not arrive"),
    EventType.SHARE_EXPIRED: N_("A share ended"),
    EventType.SCAN_THREAT: N_("Malware was found in a file"),
    EventType.TEST: N_("Test"),
}
PROBLEMS: Mapping[str, str] = {
    "address": N_("Its name leads to an address that is not on the open internet, so it was not called."),
    "name": N_("Its name was not found."),
    "slow": N_("It took longer than 5 seconds."),
    "certificate": N_("Its certificate is not valid for this name."),
    "tls": N_("No encrypted connection came about."),
    "too_much": N_("Its answer was too long to be read."),
    "no_http": N_("What it answered is no HTTP."),
    "unreachable": N_("No connection came about."),
    "redirect": N_("It answered with a redirect, which is not followed."),
    "status": N_("It answered with an error."),
    "failed": N_("The call failed on our side."),
}
WEBHOOK_SENTENCES: dict[Action, tuple[str, str]] = {
    Action.WEBHOOK_MADE: (
        N_("%(who)s made the webhook %(name)s."),
        N_("%(who)s tried to make a webhook."),
    ),
    Action.WEBHOOK_CHANGED: (
        N_("%(who)s changed the webhook %(name)s."),
        N_("%(who)s tried to change a webhook."),
    ),
    Action.WEBHOOK_DELETED: (
        N_("%(who)s deleted the webhook %(name)s."),
        N_("%(who)s tried to delete a webhook."),
    ),
    Action.WEBHOOK_SECRET_CHANGED: (
        N_("%(who)s replaced the secret of the webhook %(name)s."),
        N_("%(who)s tried to replace the secret of a webhook."),
    ),
    Action.WEBHOOK_TESTED: (
        N_("%(who)s sent a test to the webhook %(name)s."),
        N_("%(who)s tried to send a test to a webhook."),
    ),
    Action.WEBHOOK_SENT_AGAIN: (
        N_("%(who)s sent an event to the webhook %(name)s again."),
        N_("%(who)s tried to send an event to a webhook again."),
    ),
    Action.WEBHOOK_SWITCHED_OFF: (
        N_("The webhook %(name)s was switched off, since nothing arrived."),
        N_("A webhook was to be switched off."),
    ),
}


def describe_event(kind: str) -> str:
    """In the reader's language."""
    return str(gettext(EVENTS[EventType(kind)]))


def describe_attempt(attempt: Attempt) -> str:
    """What came of one try."""
    if not attempt.problem:
        return str(gettext("It arrived."))
    return str(gettext(PROBLEMS.get(attempt.problem, PROBLEMS["failed"])))
