"""The things the portal knows, as plain frozen data. Sizes are bytes; times are aware and UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class Role(StrEnum):
    STAFF = "staff"
    ADMIN = "admin"


@dataclass(frozen=True)
class Person:
    """Somebody who signed in. `id` comes from issuer and subject (R5); name and address are only shown."""

    id: str
    subject: str
    name: str
    address: str
    address_verified: bool = False
    roles: frozenset[Role] = frozenset({Role.STAFF})

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles


class FileState(StrEnum):
    PENDING = "pending"  # announced; the bytes are on their way
    READY = "ready"  # the object is there and matches what was announced
    REJECTED = "rejected"  # the object did not match; its bytes were removed
    TRASHED = "trashed"  # deleted, and can be brought back until it is purged
    PURGED = "purged"  # past bringing back; its bytes are being removed, then what is known of it


@dataclass(frozen=True)
class File:
    """One file of one owner. `size` is what was announced until it is ready, then what is stored.

    most_bytes: for an upload without a script, whose size nobody could announce: the most it may have; else
    0. version_id, etag: what S3 said at completion; every share and download is pinned to this version (R30).
    shares: the ids of the shares it is in.
    """

    id: str
    owner_id: str
    name: str
    size: int
    content_type: str
    state: FileState
    created_at: datetime
    owner_name: str = ""
    most_bytes: int = 0
    ready_at: datetime | None = None
    keep_until: datetime | None = None
    trashed_at: datetime | None = None
    purge_at: datetime | None = None
    version_id: str = ""
    etag: str = ""
    shares: frozenset[str] = frozenset()
    rejection: str = ""

    @property
    def key(self) -> str:
        """Its object's key: made by the server, no user text in it (R27)."""
        return f"files/{self.owner_id}/{self.id}"

    @property
    def pinned(self) -> SharedFile:
        """The file as it is now, in the version it has now: what a share or a download is bound to (R30)."""
        return SharedFile(self.id, self.name, self.size, self.content_type, self.version_id, self.key)


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
    QUEUED = "queued"  # waits to be handed to the mail service, or to be tried again
    SENT = "sent"  # accepted by the mail service, whose message id is kept
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"  # given up after the last try
    SKIPPED = "skipped"  # not sent, since nobody needed it any more


@dataclass(frozen=True)
class SharedFile:
    """A file as a share pinned it: the version of that moment, under the name it had."""

    id: str
    name: str
    size: int
    content_type: str
    version_id: str
    key: str


@dataclass(frozen=True)
class Share:
    """One act of giving files to recipients under rules.

    download_limit: how often each recipient may download each file; None is without limit. confirm: whether a
    recipient proves their address first; password_hash: empty where there is none. addresses: whom it
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
    version: int = 1

    def is_open(self, now: datetime) -> bool:
        """Whether it still gives out its files: valid iff now < expires_at (R47)."""
        return self.state is ShareState.OPEN and now < self.expires_at

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


@dataclass(frozen=True)
class Usage:
    """What a person, or everybody, has stored."""

    files: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Totals:
    """What the whole portal holds and has done, since the beginning."""

    people: int = 0
    files: int = 0
    bytes: int = 0
    shares: int = 0
    downloads: int = 0


@dataclass(frozen=True)
class Session:
    """A signed-in browser. Its id is never kept, only its hash; the refresh token is kept encrypted."""

    person: Person
    csrf_token: str
    created_at: datetime
    seen_at: datetime
    checked_at: datetime  # when the groups were last read from a token
    expires_at: datetime
    refresh_token: str = ""


@dataclass(frozen=True)
class Page(Generic[T]):
    """A piece of a list, and the cursor to the next piece, if there is one."""

    items: tuple[T, ...]
    next: str | None = None


@dataclass(frozen=True)
class StoredObject:
    """What S3 says of an object."""

    size: int
    content_type: str
    etag: str
    version_id: str
    metadata: dict[str, str]


@dataclass(frozen=True)
class ObjectVersion:
    version_id: str
    size: int
    modified_at: datetime
    is_latest: bool


@dataclass(frozen=True)
class PresignedPost:
    """Where a browser posts a file to, and the fields it must send before it."""

    url: str
    fields: dict[str, str]
