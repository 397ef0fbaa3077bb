"""A recipient's timeline: what happened from the email to the download, from where and with what device."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from portal.domain.audit.record import Action, AuditRecord, Outcome, newest_first
from portal.domain.errors import N_
from portal.domain.links.scanners import Openings
from portal.web.wording.delivered_words import describe_delivery
from portal.web.wording.devices import device
from portal.web.wording.history import describe_details, describe_record

# Picture and words of each step; what is not here is told as the share's history tells it.
STEPS: dict[Action, tuple[str, str]] = {
    Action.SHARED: ("clock", N_("Email queued")),
    Action.RECIPIENTS_ADDED: ("clock", N_("Added by %(who)s, email queued")),
    Action.ADDRESS_CORRECTED: (
        "pencil",
        N_("Address corrected by %(who)s from %(wrong)s to %(to)s; the link to the wrong one is withdrawn"),
    ),
    Action.MAIL_AGAIN: ("clock", N_("Email queued again by %(who)s")),
    Action.MAIL_AFTER_ALL: ("clock", N_("Email queued after all by %(who)s")),
    Action.MAIL_SENT: ("send", N_("Accepted by the email service")),
    Action.MAIL_DELIVERED: ("envelope-check", N_("Email delivered")),
    Action.MAIL_BOUNCED: ("envelope-x", N_("Email bounced: %(problem)s")),
    Action.MAIL_COMPLAINED: ("exclamation-triangle", N_("Marked as spam")),
    Action.MAIL_HELD: ("exclamation-triangle", N_("Email suppressed")),
    Action.MAIL_PROBABLY_SENT: ("send", N_("Email probably sent; the email service did not answer")),
    Action.MAIL_FAILED: ("envelope-x", N_("Email could not be sent")),
    Action.LINK_OPENED: ("eye", N_("Link opened")),
    Action.CODE_SENT: ("envelope", N_("Code sent")),
    Action.ADDRESS_CONFIRMED: ("shield-check", N_("Address confirmed with a code")),
    Action.PASSWORD_ENTERED: ("lock", N_("Password entered")),
    Action.SHARE_DOWNLOADED: ("download", N_("Download of %(name)s started")),
    Action.BYTES_SENT: ("download", ""),  # delivered_words.py says what
    Action.DOWNLOAD_GIVEN_BACK: (
        "arrow-counterclockwise",
        N_("Download of %(name)s given back by %(who)s"),
    ),
    Action.RECIPIENT_WITHDRAWN: ("slash-circle", N_("Withdrawn by %(who)s")),
}
LOOKED_AT = ("eye", N_("%(name)s was looked at"))
SCANNED = N_("Link opened, probably by an email scanner")
CLOSED = N_("Link opened, nothing shown yet: the address was not confirmed")
BY_HAND = {
    Action.SHARED: N_("Shared without an email; the owner sends the link"),
    Action.RECIPIENTS_ADDED: N_("Added by %(who)s without an email; they share the link themselves"),
}
NOT_SENT = {
    "removed": N_("Email not sent: the files had been removed"),
    "infected": N_("Email not sent: malware had been found in the files"),
}
OTHER = "journal-text"


@dataclass(frozen=True)
class Moment:
    """One line: when, a picture, the words; the address and device it came from, the device as it named
    itself; whether it was probably a scanner.
    """

    at: datetime
    icon: str
    words: str
    source: str = ""
    agent: str = ""
    scanner: bool = False


def timeline(records: Iterable[AuditRecord], address: str = "") -> list[Moment]:
    """A recipient's records as lines, newest first."""
    kept = newest_first(records)
    openings = Openings.from_records(kept)
    return [line(each, openings, address) for each in kept]


def step(record: AuditRecord, address: str) -> tuple[str, str]:
    if record.action in BY_HAND and address in record.details.get("by_hand", "").split(", "):
        return "link-45deg", BY_HAND[record.action]
    icon, text = STEPS.get(record.action, (OTHER, ""))
    if record.action is Action.MAIL_FAILED:
        text = NOT_SENT.get(record.details.get("problem", ""), text)
    return icon, text


def line(record: AuditRecord, openings: Openings, address: str) -> Moment:
    scanner = record.action is Action.LINK_OPENED and openings.is_by_scanner(record)
    looked_at = record.details.get("how") == "preview"
    icon, text = LOOKED_AT if looked_at else step(record, address)
    if record.action is Action.BYTES_SENT:
        said = describe_delivery(record)
    elif record.action is Action.LINK_OPENED and record.reason == "unconfirmed":
        said = gettext(SCANNED if scanner else CLOSED)
    elif record.outcome is not Outcome.DONE or not text:
        said = describe_record(record)
    else:
        said = gettext(SCANNED if scanner else text) % describe_details(record)
    return Moment(record.at, icon, said, source(record), record.actor.device, scanner)


def source(record: AuditRecord) -> str:
    """ "198.51.100.9, Firefox on Windows"; nothing for what the sender or the portal did."""
    actor = record.actor
    if actor.kind != "recipient" or not actor.source_ip:
        return ""
    return f"{actor.source_ip}, {device(actor.device)}"
