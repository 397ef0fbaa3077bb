"""Mail scanners: programs that open every link of an email before its reader does.

The rule, which only labels and never hides a record: an opening was probably a scanner's if its device names
itself as a program, or if it came within `SCANNER_WINDOW` of the email being accepted, faster than an email
is delivered, seen and read; unless a button was pressed from the same address, which scanners do not do. HEAD
requests and prefetches are no openings in the first place and leave no record (R42).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.audit.record import Action, AuditRecord, Outcome

SCANNER_WINDOW = timedelta(seconds=20)
# What scanners, link checkers, previews and plain programs call themselves (their makers' documentation).
PROGRAMS = re.compile(
    r"safelinks|bot\b|crawl|spider|scan|preview|proxy|headless|phantom|barracuda|proofpoint|mimecast|symantec"
    r"|trendmicro|sophos|fortinet|ironport|zscaler|forcepoint|bitdefender|kaspersky|virustotal"
    r"|curl|wget|python|java/|okhttp|go-http|libwww|httpclient|axios|node-fetch|ruby|perl|php",
    re.IGNORECASE,
)

PRESSED = {Action.CODE_SENT, Action.ADDRESS_CONFIRMED, Action.PASSWORD_ENTERED, Action.SHARE_DOWNLOADED}


def is_program(device: str) -> bool:
    """Whether what opened a link calls itself something else than somebody's browser."""
    return PROGRAMS.search(device) is not None


@dataclass(frozen=True)
class Openings:
    """What is known of one recipient: when emails were accepted, and from where a button was pressed."""

    accepted_at: tuple[datetime, ...]
    pressed_from: frozenset[str]

    @classmethod
    def from_records(cls, records: Iterable[AuditRecord]) -> Openings:
        kept = [each for each in records if each.outcome is Outcome.DONE]
        return cls(
            tuple(each.at for each in kept if each.action is Action.MAIL_SENT),
            frozenset(each.actor.source_ip for each in kept if each.action in PRESSED),
        )

    def is_by_scanner(self, opening: AuditRecord) -> bool:
        """Whether this opening was probably a scanner's."""
        if opening.actor.source_ip in self.pressed_from:
            return False
        at_once = any(timedelta(0) <= opening.at - at < SCANNER_WINDOW for at in self.accepted_at)
        return at_once or is_program(opening.actor.device)
