"""What the mail service refuses for reasons of the sender's account: no email's fault, and for an operator to
put right.

Such emails wait. They are sent once the account is right, as long as their share is open (R75).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class MailTrouble(StrEnum):
    NOT_ALLOWED = "not_allowed"  # the portal's role or keys may not send
    SENDER_UNVERIFIED = "sender_unverified"
    MAIL_FROM_UNVERIFIED = "mail_from_unverified"  # the domain of the envelope's sender
    NO_CONFIGURATION_SET = "no_configuration_set"
    SANDBOX = "sandbox"  # the service sends to verified addresses only
    SANDBOX_ROLE = "sandbox_role"  # and the role may not use these
    PAUSED = "paused"
    SUSPENDED = "suspended"
    DAILY_QUOTA = "daily_quota"


# Troubles of some recipients only: emails to others may well be taken.
OF_THE_RECIPIENT = {MailTrouble.SANDBOX, MailTrouble.SANDBOX_ROLE}
# A trouble that was not met for so long is over: waiting emails meet it every ten minutes.
SHOWN = timedelta(minutes=30)


@dataclass(frozen=True)
class TroubleMet:
    """A trouble, since when it has been met without a long pause, when last, and how often."""

    kind: MailTrouble
    first_at: datetime
    last_at: datetime
    times: int = 1
