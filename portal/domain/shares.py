"""A share, its recipients, and the mails and requests between them. Times are aware and UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from portal.domain.files import SharedFile


class ShareState(StrEnum):
    OPEN = "open"
    WITHDRAWN = "withdrawn"


class Notify(StrEnum):
    """Which downloads of a share its owner is told of by mail."""

    FIRST = "first"  # each recipient's first
    EVERY = "every"
    NEVER = "never"


class RecipientState(StrEnum):
    OPEN = "open"
    WITHDRAWN = "withdrawn"


class MailState(StrEnum):
    BY_HAND = "by_hand"  # no mail: the sender passes the link on
    QUEUED = "queued"  # waits to be handed to the mail service, or to be tried again
    SENT = "sent"  # accepted by the mail service, whose message id is kept
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    HELD = "held"  # not sent on: mail to this address is held back (see suppression.py)
    FAILED = "failed"  # given up after the last try
    SKIPPED = "skipped"  # not sent, since nobody needed it any more


@dataclass(frozen=True)
class Share:
    """One act of giving files to recipients under rules.

    download_limit: how often each recipient may download each file; None is without limit. confirm: whether a
    recipient proves their address first; preview: whether files may be looked at without saving them;
    password_hash: empty where there is none. addresses: whom it
    went to; zone, language: the sender's, for the mails; version: grows with each edit (R63).
    """

    id: str
    owner_id: str
    owner_name: str
    owner_address: str
    files: tuple[SharedFile, ...]
    message: str
    created_at: datetime
    expires_at: datetime
    download_limit: int | None = None
    state: ShareState = ShareState.OPEN
    withdrawn_at: datetime | None = None
    addresses: tuple[str, ...] = ()
    download_count: int = 0
    content_digest: str = ""
    zone: str = "UTC"
    language: str = "en"
    confirm: bool = False
    password_hash: str = ""
    notify: Notify = Notify.FIRST
    preview: bool = True
    version: int = 1

    def is_open(self, now: datetime) -> bool:
        """Whether it still gives out its files: valid iff now < expires_at (R47)."""
        return self.state is ShareState.OPEN and now < self.expires_at

    def shows(self, file: SharedFile) -> bool:
        """Whether this file of it may be looked at without saving it."""
        return self.preview and bool(file.shown_as)

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


CLOSED = "closed"  # the problem of a mail that nobody could use any more


@dataclass(frozen=True)
class MailJob:
    """The invitation of a recipient on its way (R52-R54)."""

    state: MailState = MailState.QUEUED
    tries: int = 0
    due_at: datetime | None = None
    message_id: str = ""
    problem: str = ""
    changed_at: datetime | None = None

    @classmethod
    def first(cls, now: datetime, *, by_hand: bool = False) -> MailJob:
        """Of a new recipient: a mail to be sent at once, or none since the sender passes the link on."""
        return cls(MailState.BY_HAND, changed_at=now) if by_hand else cls(due_at=now, changed_at=now)

    @property
    def came_too_late(self) -> bool:
        """Whether it was given up since its link was closed by then: an extension queues it again (I2)."""
        return self.state is MailState.FAILED and self.problem == CLOSED


class AskingState(StrEnum):
    OPEN = "open"
    GIVEN = "given"
    DECLINED = "declined"


@dataclass(frozen=True)
class Asking:
    """A recipient's request for more time or downloads, the latest one, and the answer to it."""

    at: datetime
    note: str = ""
    state: AskingState = AskingState.OPEN
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Recipient:
    """One address on one share, with a link, a status and counters of its own.

    downloads: how often each file was downloaded, by file id; extra_downloads: given on top of the share's
    limit; generation, key_id: what its link is made from.
    """

    id: str
    share_id: str
    address: str
    state: RecipientState = RecipientState.OPEN
    generation: int = 1
    key_id: str = ""
    downloads: dict[str, int] = field(default_factory=dict)
    mail: MailJob = MailJob()
    last_download_at: datetime | None = None
    withdrawn_at: datetime | None = None
    extra_downloads: int = 0
    asking: Asking | None = None

    @property
    def download_count(self) -> int:
        return sum(self.downloads.values())

    def left(self, share: Share, file_id: str) -> int | None:
        """How many downloads of a file are left; None is without limit."""
        if share.download_limit is None:
            return None
        return max(0, share.download_limit + self.extra_downloads - self.downloads.get(file_id, 0))

    def is_spent(self, share: Share) -> bool:
        """Whether nothing of the share is left for them to download."""
        return all(self.left(share, file.id) == 0 for file in share.files)

    def left_in_all(self, share: Share) -> int | None:
        """How many downloads of all its files together are left; None is without limit."""
        left = [self.left(share, file.id) for file in share.files]
        return None if None in left else sum(each or 0 for each in left)
