"""What one email to an owner gathers: notices, each with what it is about."""

from __future__ import annotations

from typing import NamedTuple

from portal.domain.mail.notifications import Notification
from portal.domain.shares.share import Recipient, Share


class DigestEntry(NamedTuple):
    """A notice to an owner, with what it is about. recipient: None where it is about the whole share."""

    notice: Notification
    share: Share
    recipient: Recipient | None
