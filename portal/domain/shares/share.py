"""A share, its recipients, and the emails and requests between them. Times are aware and UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from portal.domain.contacts.mailboxes import address_key
from portal.domain.files.file import SharedFile
from portal.domain.ids import derive_id
from portal.domain.mail.mail_job import MailJob

MAX_WHOLE = 40  # files that stand in the share itself, so that it is made in one transaction

MAX_COPIES = 50  # recipients whose items carry a copy of their share, which changes with it


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


@dataclass(frozen=True)
class Share:
    """One act of giving files to recipients under rules.

    download_limit: how often each recipient may download each file; None is without limit. confirm: whether a
    recipient proves their address first; preview: whether files may be looked at without saving them;
    password_hash: empty where there is none. addresses: whom it
    went to; zone, language: the sender's, for the emails; version: grows with each edit (R63).
    first_files: all of a share that holds no more than MAX_WHOLE; else the first by folder and name, with
    more_files others, of more_bytes together, which `SharedFiles` lists and finds. has_copies: whether its
    recipients' items carry copies of it, which those of more than MAX_COPIES do not. complete: the ids
    of who has downloaded every file, kept where `is_followed`, which shares of older versions are not; gone:
    of who was withdrawn; askers: of whose request for more waits for an answer.
    """

    id: str
    owner_id: str
    owner_name: str
    owner_address: str
    first_files: tuple[SharedFile, ...]
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
    more_files: int = 0
    more_bytes: int = 0
    has_copies: bool = True
    is_followed: bool = False
    complete: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    askers: frozenset[str] = frozenset()

    def is_open(self, now: datetime) -> bool:
        """Whether it still gives out its files: valid iff now < expires_at (R47)."""
        return self.state is ShareState.OPEN and now < self.expires_at

    def allows_preview(self, file: SharedFile) -> bool:
        """Whether this file of it may be looked at without saving it."""
        return self.preview and bool(file.preview_kind)

    @property
    def file_count(self) -> int:
        return len(self.first_files) + self.more_files

    @property
    def people(self) -> int:
        """How many it was not withdrawn from."""
        return len(self.addresses) - len(self.gone)

    @property
    def people_complete(self) -> int:
        """How many of these have downloaded every file."""
        return len(self.complete - self.gone)

    @property
    def size(self) -> int:
        """Of all its files, in bytes."""
        return sum(file.size for file in self.first_files) + self.more_bytes


class AccessRequestState(StrEnum):
    OPEN = "open"
    GIVEN = "given"
    DECLINED = "declined"


class RequestResult(StrEnum):
    """What a recipient's request for more came to."""

    REQUESTED = "requested"
    REQUESTED_LATELY = "requested_lately"
    TOO_MANY_WAIT = "too_many_wait"  # requests of others to the same share


@dataclass(frozen=True)
class AccessRequest:
    """A recipient's request for more time or downloads, the latest one, and the answer to it."""

    at: datetime
    note: str = ""
    state: AccessRequestState = AccessRequestState.OPEN
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Recipient:
    """One address on one share, with a link, a status and counters of its own.

    downloads: how often each file was downloaded, by file id; broken: how many deliveries of it broke off and
    were not given back; got: how many files they have downloaded at all; extra_downloads: given on top of
    the share's limit; generation, key_id: what its link is made from.
    """

    id: str
    share_id: str
    address: str
    state: RecipientState = RecipientState.OPEN
    generation: int = 1
    key_id: str = ""
    downloads: dict[str, int] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)
    got: int = 0
    mail: MailJob = field(default_factory=MailJob)
    last_download_at: datetime | None = None
    withdrawn_at: datetime | None = None
    extra_downloads: int = 0
    asking: AccessRequest | None = None

    @property
    def download_count(self) -> int:
        return sum(self.downloads.values())

    @property
    def asks(self) -> bool:
        """Whether a request of theirs waits for an answer."""
        return self.asking is not None and self.asking.state is AccessRequestState.OPEN

    def downloads_left(self, share: Share, file_id: str) -> int | None:
        """How many downloads of a file are left; None is without limit."""
        if share.download_limit is None:
            return None
        return max(0, share.download_limit + self.extra_downloads - self.downloads.get(file_id, 0))

    def can_get_back(self, share: Share, file_id: str) -> bool:
        """Whether a download that broke off can be given back against the limit."""
        counted = self.downloads.get(file_id, 0) and self.broken.get(file_id, 0)
        return share.download_limit is not None and self.state is RecipientState.OPEN and counted > 0


def derive_recipient_id(share_id: str, address: str) -> str:
    """The id of an address on a share, the same for all its spellings."""
    return derive_id("recipient", share_id, address_key(address))
