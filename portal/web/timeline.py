"""A recipient's timeline: what happened from the mail to the download, from where and with what device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from portal.domain.audit import Action, AuditRecord, Outcome
from portal.domain.errors import words
from portal.domain.scanners import Openings
from portal.web.devices import device
from portal.web.history import known, told

# Picture and words of each step; what is not here is told as the share's history tells it.
STEPS: dict[Action, tuple[str, str]] = {
    Action.SHARED: ("clock", words("Mail queued")),
    Action.RECIPIENTS_ADDED: ("clock", words("Added by %(who)s, mail queued")),
    Action.MAIL_AGAIN: ("clock", words("Mail queued again by %(who)s")),
    Action.MAIL_AFTER_ALL: ("clock", words("Mail queued after all by %(who)s")),
    Action.MAIL_SENT: ("send", words("Mail accepted by the mail service")),
    Action.MAIL_DELIVERED: ("envelope-check", words("Mail delivered")),
    Action.MAIL_BOUNCED: ("envelope-x", words("Mail came back: %(problem)s")),
    Action.MAIL_COMPLAINED: ("exclamation-triangle", words("Mail marked as spam")),
    Action.MAIL_HELD: ("exclamation-triangle", words("Mail held back")),
    Action.MAIL_FAILED: ("envelope-x", words("Mail could not be sent")),
    Action.LINK_OPENED: ("eye", words("Link opened")),
    Action.CODE_SENT: ("envelope", words("Code sent")),
    Action.ADDRESS_CONFIRMED: ("shield-check", words("Address confirmed with a code")),
    Action.PASSWORD_ENTERED: ("lock", words("Password entered")),
    Action.SHARE_DOWNLOADED: ("download", words("Download of %(name)s started")),
    Action.BYTES_SENT: (
        "download",
        words("%(bytes)s of the %(size)s of %(name)s were fetched, not all of it"),
    ),
    Action.RECIPIENT_WITHDRAWN: ("slash-circle", words("Withdrawn by %(who)s")),
}
LOOKED_AT = ("eye", words("%(name)s was looked at"))
SCANNED = words("Link opened, probably by a mail scanner")
CLOSED = words("Link opened, nothing shown yet: the address was not confirmed")
WHOLE = words("All of %(name)s was fetched: %(size)s")
PIECES = words("The rest of %(name)s was fetched: all %(size)s, in several pieces")
BY_HAND = {
    Action.SHARED: words("Shared without a mail, the link to be passed on"),
    Action.RECIPIENTS_ADDED: words("Added by %(who)s without a mail, the link to be passed on"),
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
    """A recipient's records as lines, in the order they come."""
    kept = list(records)
    openings, last_pieces = Openings.of(kept), completing(kept)
    return [line(each, openings, address, PIECES if each in last_pieces else "") for each in kept]


def completing(records: list[AuditRecord]) -> list[AuditRecord]:
    """Those records of the access log with which all bytes of a file had gone out, piece by piece: the
    longest beginning of it that was fetched, and what was asked for from somewhere within.
    """
    first, later = Counter[str](), Counter[str]()
    found = []
    for each in sorted(records, key=lambda record: record.at):
        if each.action is Action.BYTES_SENT and "whole" not in each.details:
            file = each.details["file"]
            first[file] = max(first[file], int(each.details["first"]))
            later[file] += int(each.details["later"])
            if first[file] + later[file] >= int(each.details["size"]):
                found.append(each)
                del first[file], later[file]
    return found


def step(record: AuditRecord, address: str) -> tuple[str, str]:
    if record.action in BY_HAND and address in record.details.get("by_hand", "").split(", "):
        return "link-45deg", BY_HAND[record.action]
    return STEPS.get(record.action, (OTHER, ""))


def line(record: AuditRecord, openings: Openings, address: str, instead: str = "") -> Moment:
    """instead: words that fit better than the action's own."""
    scanner = record.action is Action.LINK_OPENED and openings.by_scanner(record)
    looked_at = record.details.get("how") == "preview"
    icon, text = LOOKED_AT if looked_at else step(record, address)
    text = instead or (WHOLE if "whole" in record.details else text)
    if record.action is Action.LINK_OPENED and record.reason == "unconfirmed":
        said = gettext(SCANNED if scanner else CLOSED)
    elif record.outcome is not Outcome.DONE or not text:
        said = told(record)
    else:
        said = gettext(SCANNED if scanner else text) % known(record)
    return Moment(record.at, icon, said, source(record), record.actor.device, scanner)


def source(record: AuditRecord) -> str:
    """ "198.51.100.9, Firefox on Windows"; nothing for what the sender or the portal did."""
    actor = record.actor
    if actor.kind != "recipient" or not actor.source_ip:
        return ""
    return f"{actor.source_ip}, {device(actor.device)}"
