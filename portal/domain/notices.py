"""Mails beside the invitation: each a job of its own, made together with what causes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.domain.shares import MailJob, Recipient, Share


class NoticeKind(StrEnum):
    """What a mail is about; each has its folder under templates/email/."""

    ASKED = "asked"  # to the owner: a recipient asks for more time or downloads
    GIVEN = "given"  # to the recipient: here they are
    DECLINED = "declined"  # to the recipient: the answer is no
    DOWNLOADED = "downloaded"  # to the owner: somebody downloaded
    BOUNCED = "bounced"  # to the owner: an invitation did not arrive
    UNFETCHED = "unfetched"  # to the owner: the share ends soon, and some have not downloaded
    REMINDER = "reminder"  # to a recipient who has not downloaded, before the share ends


# What an owner is told of by itself: several in a short time become one mail.
COLLECTED = (NoticeKind.DOWNLOADED, NoticeKind.BOUNCED, NoticeKind.UNFETCHED)
# What an owner can switch off.
SWITCHES = (*COLLECTED, NoticeKind.ASKED)


class MailPlace(NamedTuple):
    """Where a mail's job stands: on a recipient's item, or on its own."""

    share_id: str = ""
    recipient_id: str = ""
    notice_id: str = ""


@dataclass(frozen=True)
class Notice:
    """One mail to one address. Its id is derived from what it tells, so telling it twice is telling it once.

    person_id: the owner whom it tells; empty where it goes to a recipient. values: what the template wants
    beyond the share and the recipient, which are read when it is sent; never a link.
    """

    id: str
    kind: NoticeKind
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


class News(NamedTuple):
    """A notice to an owner, with what it is about. recipient: None where it is about the whole share."""

    notice: Notice
    share: Share
    recipient: Recipient | None
