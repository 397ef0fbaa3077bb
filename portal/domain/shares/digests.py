"""What one email to an owner gathers: notices, each with what it is about."""

from __future__ import annotations

from typing import NamedTuple

from portal.domain.files.file import File
from portal.domain.mail.notifications import Notification
from portal.domain.shares.share import Recipient, Share


class DigestEntry(NamedTuple):
    """A notice to an owner, with what it is about. recipient: None where it is about the whole share."""

    notice: Notification
    share: Share
    recipient: Recipient | None


class EndingEntry(NamedTuple):
    """A notice to an owner, with those of its files that still end as they did when it was made."""

    notice: Notification
    files: tuple[File, ...]
