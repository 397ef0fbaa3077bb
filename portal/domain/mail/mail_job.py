"""One email on its way: its job, the state of that, and why it waits or ended (R52-R54). Times are UTC."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from portal.domain.mail.account_problems import MailTrouble

CLOSED = "closed"  # the problem of an email that nobody could use any more
TOO_LATE = "too_late"  # of one that nobody needs any more
BLOCKED = "blocked"  # of one to an address that a policy has blocked since
THROTTLED = "throttled"  # of one that waits since the mail service was asked too fast
SCANNING = "scanning"  # of an invitation that waits for the malware scan of its files
LEASE_SECONDS = 60  # longer than the longest SendEmail
MAX_UNANSWERED = 2  # how often an email is handed over without an answer: once, and once again (R75)


class MailState(StrEnum):
    BY_HAND = "by_hand"  # no email: the sender passes the link on
    QUEUED = "queued"  # waits to be handed to the mail service, or to be tried again
    SENT = "sent"  # accepted by the mail service, whose message id is kept
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    HELD = "held"  # not sent on: email to this address is held back (see suppression.py)
    FAILED = "failed"  # refused for good, or not wanted by anyone any more
    PROBABLY_SENT = "probably_sent"  # handed over, repeated once, and never answered
    SKIPPED = "skipped"  # not sent, since nobody needed it any more


class ResendResult(StrEnum):
    """What asking for an email to be sent again came to."""

    QUEUED = "queued"
    SHARE_CLOSED = "share_closed"
    REPEATED = "repeated"  # the same request again: it is on its way, or was sent since the page was read
    TOO_OFTEN = "too_often"


@dataclass(frozen=True)
class MailJob:
    """An email on its way (R52-R54).

    tries: how often it was handed over; what the service refused for the account's sake is none. unanswered:
    how often it was handed over and nobody knows whether it was taken, counted before it is known; faults:
    how often it could not be written.
    """

    state: MailState = MailState.QUEUED
    tries: int = 0
    due_at: datetime | None = None
    message_id: str = ""
    problem: str = ""
    changed_at: datetime | None = None
    unanswered: int = 0
    faults: int = 0

    @property
    def waits_for_account(self) -> bool:
        """Whether it waits until the organisation's account with the mail service is put right."""
        return self.state is MailState.QUEUED and self.problem in set(MailTrouble)

    @property
    def waits_for_scan(self) -> bool:
        return self.state is MailState.QUEUED and self.problem == SCANNING

    @property
    def is_probably_sent(self) -> bool:
        """Whether it was handed over as often as may be without an answer."""
        return self.state is MailState.QUEUED and self.unanswered >= MAX_UNANSWERED

    @classmethod
    def first(cls, now: datetime, *, by_hand: bool = False) -> MailJob:
        """Of a new recipient: an email to be sent at once, or none since the sender passes the link on."""
        return cls(MailState.BY_HAND, changed_at=now) if by_hand else cls(due_at=now, changed_at=now)

    def claim(self, now: datetime) -> MailJob:
        """As whoever is about to hand it over leaves it, in case they die on the way: due when the lease is
        over, tried, and without an answer so far.
        """
        ends = now + timedelta(seconds=LEASE_SECONDS)
        return replace(self, due_at=ends, tries=self.tries + 1, unanswered=self.unanswered + 1)

    @property
    def came_too_late(self) -> bool:
        """Whether it was given up since its link was closed by then: an extension queues it again (I2)."""
        return self.state is MailState.FAILED and self.problem == CLOSED
