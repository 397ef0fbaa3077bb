"""Addresses that no mail of ours goes to any more: mail there came back for good, was marked as unwanted, or
the mail service holds it back by itself (R55). Going on would cost everybody's mails their good name.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.addresses import identity
from portal.domain.shares import MailJob, MailState

MARK = re.compile(r"[0-9a-f]{64}")
MOST_SOFT = 5  # so many mails in a row that came back for now are as good as one that came back for good
SUPPRESSED = "Suppressed"  # why a mail was refused: the mail service holds back all mail to the address


class HeldFor(StrEnum):
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    ACCOUNT = "account"  # on the mail service's own list


@dataclass(frozen=True)
class Held:
    """An address that is held back, why and since when. detail: what the other side said."""

    address: str
    reason: HeldFor
    at: datetime
    detail: str = ""

    @property
    def id(self) -> str:
        return mark(self.address)


def mark(address: str) -> str:
    """What all spellings of an address share, fit for an address on the web."""
    return hashlib.sha256(identity(address).encode()).hexdigest()


def hold(address: str, job: MailJob, at: datetime, *, for_good: bool = True) -> Held | None:
    """Whether what became of a mail holds its address back from now on. for_good: false where a mail came
    back for now only, such as from a full mailbox.
    """
    if job.state is MailState.COMPLAINED:
        return Held(address, HeldFor.COMPLAINT, at, job.problem)
    if job.state is MailState.BOUNCED and for_good:
        return Held(address, HeldFor.BOUNCE, at, job.problem)
    if job.state is MailState.HELD and job.problem == SUPPRESSED:
        return Held(address, HeldFor.ACCOUNT, at)
    return None
