"""Emails beside the invitation: each a job of its own, made together with what causes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from portal.domain.mail.mail_job import MailJob


class NotificationKind(StrEnum):
    """What an email is about; each has its folder under templates/email/."""

    ASKED = "asked"  # to the owner: a recipient asks for more time or downloads
    GIVEN = "given"  # to the recipient: here they are
    DECLINED = "declined"  # to the recipient: the answer is no
    DOWNLOADED = "downloaded"  # to the owner: someone downloaded
    BOUNCED = "bounced"  # to the owner: an invitation did not arrive
    UNFETCHED = "unfetched"  # to the owner: the share ends soon, and some have not downloaded
    THREAT = "threat"  # to the owner: malware was found in a file; names no share
    UNSCANNED = "unscanned"  # to the owner: the malware scan could not look into a file; names no share
    ENDING = "ending"  # to the owner: files go to the trash soon; names no share
    HANDED_OVER = "handed_over"  # to who had something: an administrator handed it over; names no share
    TAKEN_OVER = "taken_over"  # to who has it now; names no share
    DATA_READY = "data_ready"  # to whom it is about: the archive of what is kept about them; names no share
    WEBHOOK_OFF = "webhook_off"  # to who made a webhook: it was switched off; names no share
    NOT_SENT = "not_sent"  # to the owner: what was to be sent by itself was refused; names no share
    REMINDER = "reminder"  # to a recipient who has not downloaded, before the share ends


LEAST_LIFE = timedelta(hours=72)  # of an email that waits for the mail service
# What an owner is told of by itself: several in a short time become one mail.
COLLECTED = (NotificationKind.DOWNLOADED, NotificationKind.BOUNCED, NotificationKind.UNFETCHED)
# What an owner is told of a file, whether it is shared or not.
OF_A_FILE = (NotificationKind.THREAT, NotificationKind.UNSCANNED)
# What someone is told of a handover.
OF_A_HANDOVER = (NotificationKind.HANDED_OVER, NotificationKind.TAKEN_OVER)
# What is told without a share.
OF_NO_SHARE = (
    *OF_A_FILE, *OF_A_HANDOVER, NotificationKind.ENDING, NotificationKind.DATA_READY,
    NotificationKind.WEBHOOK_OFF, NotificationKind.NOT_SENT,
)  # fmt: skip
# What an owner can switch off.
SWITCHES = (*COLLECTED, NotificationKind.ASKED, NotificationKind.ENDING)
# What waits until it is told of together with others of its kind.
WAITING = (*COLLECTED, NotificationKind.ENDING)


class MailPlace(NamedTuple):
    """Where an email's job stands: on a recipient's item, or on its own."""

    share_id: str = ""
    recipient_id: str = ""
    notice_id: str = ""


@dataclass(frozen=True)
class Notification:
    """One email to one address. Its id is derived from what it tells, so telling it twice is telling it once.

    person_id: the owner whom it tells; empty where it goes to a recipient. values: what the template wants
    beyond the share and the recipient, which are read when it is sent; never a link.
    """

    id: str
    kind: NotificationKind
    to: str
    share_id: str
    recipient_id: str = ""
    person_id: str = ""
    values: dict[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    mail: MailJob = field(default_factory=MailJob)

    @property
    def address(self) -> str:
        return self.to

    def is_too_late(self, share_ends_at: datetime, now: datetime) -> bool:
        """Whether it waited until nobody needs it any more: to its share's end, and three days at least."""
        return now >= max(share_ends_at, (self.created_at or now) + LEAST_LIFE)
