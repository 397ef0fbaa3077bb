"""Mails beside the invitation: each a job of its own, made together with what causes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from portal.domain.models import MailJob


class NoticeKind(StrEnum):
    """What a mail is about; each has its folder under templates/email/."""

    ASKED = "asked"  # to the owner: a recipient asks for more time or downloads
    GIVEN = "given"  # to the recipient: here they are
    DECLINED = "declined"  # to the recipient: the answer is no


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
