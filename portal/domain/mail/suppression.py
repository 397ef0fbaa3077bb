"""Addresses that no email of ours goes to any more: email there came back for good, was marked as unwanted,
or the mail service holds it back by itself (R55). Going on would cost everyone's emails their good name.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.contacts.mailboxes import address_key
from portal.domain.mail.mail_job import MailJob, MailState

MARK = re.compile(r"[0-9a-f]{64}")
MAX_SOFT_BOUNCES = (
    5  # so many emails in a row that came back for now are as good as one that came back for good
)
SUPPRESSED = "Suppressed"  # why an email was refused: the mail service holds back all email to the address


class HeldFor(StrEnum):
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    ACCOUNT = "account"  # on the mail service's own list


@dataclass(frozen=True)
class SuppressedAddress:
    """An address that is held back, why and since when. detail: what the other side said."""

    address: str
    reason: HeldFor
    at: datetime
    detail: str = ""

    @property
    def id(self) -> str:
        return hash_address(self.address)


def hash_address(address: str) -> str:
    """What all spellings of an address share, fit for an address on the web."""
    return hashlib.sha256(address_key(address).encode()).hexdigest()


def find_suppression(
    address: str, job: MailJob, at: datetime, *, for_good: bool = True
) -> SuppressedAddress | None:
    """Whether what became of an email holds its address back from now on. for_good: false where an email came
    back for now only, such as from a full mailbox.
    """
    if job.state is MailState.COMPLAINED:
        return SuppressedAddress(address, HeldFor.COMPLAINT, at, job.problem)
    if job.state is MailState.BOUNCED and for_good:
        return SuppressedAddress(address, HeldFor.BOUNCE, at, job.problem)
    if job.state is MailState.HELD and job.problem == SUPPRESSED:
        return SuppressedAddress(address, HeldFor.ACCOUNT, at)
    return None
