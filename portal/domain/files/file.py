"""A file, its states, and what S3 knows of it. Sizes are bytes; times are aware and UTC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.domain.files import names
from portal.domain.files.scans import PASSED, UNSCANNED, Marks, ScanClosed, ScanState
from portal.domain.ids import is_id

ANY_VERSION = "*"  # of a threat whose version nobody named
SHOWN_PDF_BYTES = 50_000_000  # which a phone holds, and a minute at 7 Mbit/s brings


class FileState(StrEnum):
    PENDING = "pending"  # announced; the bytes are on their way
    READY = "ready"  # the object is there and matches what was announced
    REJECTED = "rejected"  # the object did not match; its bytes were removed
    TRASHED = "trashed"  # deleted, and can be brought back until it is purged
    PURGED = "purged"  # past bringing back; its bytes are being removed, then what is known of it


GIVEN_UP = "given_up"  # a rejection: nobody wants the bytes any more, whatever they are


@dataclass(frozen=True)
class File:
    """One file of one owner. `size` is what was announced until it is ready, then what is stored.

    most_bytes: for an upload without a script, whose size nobody could announce: the most it may have;
    else 0. version_id, etag: what S3 said at completion; every share and download is pinned to this
    version (R30). shares: the ids of shares it is in, of before they were listed by time; share_count: how
    many it was given out with since; shared_until: the latest end of those it was in; share_changes: how
    often one was added or its end moved. folder: where it lay when it was sent, as "Plans/2026"; empty for
    none. sha256: of the whole file, in hexadecimal; empty where nobody computed it. sha256_confirmed:
    whether S3 said the same of what it stored; else it is what the sender's browser said. upload_id,
    part_bytes: of its multipart upload; empty and 0 for one POST. uploader_id: who sent it, whose id is in
    its object's key for good; empty while that is its owner. reserved_bytes: what its owner's quota
    holds for it while it is under way; 0 for uploads of before there were quotas. threats: the versions
    that malware was found in; ANY_VERSION where nobody said in which. clean, unsupported, failed, released,
    threats_released: the versions of the marks of these names (`scans.Marks`); scan_count: how many marks
    there are; scan_required: whether nobody gets it before the scan called it clean, as its owner's policy
    was when it was announced; keep_days: for how many days it is kept once it has arrived, as that policy
    was then. draft_id: of the draft that it was announced for; empty for none.
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
    folder: str = ""
    sha256: str = ""
    upload_id: str = ""
    part_bytes: int = 0
    reserved_bytes: int = 0
    threats: frozenset[str] = frozenset()
    shared_until: datetime | None = None
    share_count: int = 0
    share_changes: int = 0
    sha256_confirmed: bool = False
    uploader_id: str = ""
    scan_required: bool = False
    clean: frozenset[str] = frozenset()
    unsupported: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    released: frozenset[str] = frozenset()
    threats_released: frozenset[str] = frozenset()
    scan_count: int = 0
    keep_days: int = 0
    draft_id: str = ""

    @property
    def is_given_up(self) -> bool:
        """Whether its upload was cancelled, or never came: what is left of it is on its way out."""
        return self.state is FileState.REJECTED and self.rejection == GIVEN_UP

    @property
    def is_infected(self) -> bool:
        """Whether malware was found in the version that is served. No later result takes that back (R36)."""
        found = not self.threats.isdisjoint({self.version_id, ANY_VERSION})
        return found and self.version_id not in self.threats_released

    @property
    def scan_state(self) -> ScanState:
        """Of the version that is served."""
        version = self.version_id
        states = {
            ScanState.THREAT: self.is_infected,
            ScanState.RELEASED: version in self.released | self.threats_released,
            ScanState.CLEAN: version in self.clean,
            ScanState.UNSUPPORTED: version in self.unsupported,
            ScanState.FAILED: version in self.failed,
        }
        return next((state for state, holds in states.items() if holds), ScanState.WAITING)

    @property
    def scan_closed(self) -> ScanClosed | None:
        """Why the malware scan keeps it from everyone; None where it does not."""
        state = self.scan_state
        if state is ScanState.THREAT:
            return ScanClosed.INFECTED
        if state in PASSED or not self.scan_required:
            return None
        return ScanClosed.UNSCANNED if state in UNSCANNED else ScanClosed.WAITING

    @property
    def is_kept(self) -> bool:
        """Whether its bytes are there."""
        return self.state in {FileState.READY, FileState.TRASHED}

    @property
    def is_quarantined(self) -> bool:
        """Whether the scan is through with it and keeps it closed, while its bytes are there."""
        return self.is_kept and self.scan_closed in {ScanClosed.INFECTED, ScanClosed.UNSCANNED}

    def with_marks(self, version: str, marks: Iterable[Marks]) -> File:
        """The file once a version is noted under these marks."""
        more: dict[str, Any] = {mark: getattr(self, mark) | {version} for mark in marks}
        return replace(self, scan_count=self.scan_count + 1, **more)

    @property
    def is_served(self) -> bool:
        """Whether its bytes may be given to anyone."""
        return self.state is FileState.READY and self.scan_closed is None

    @property
    def key(self) -> str:
        """Its object's key: made by the server, no user text in it (R27). It stays what it was when the file
        changes hands, since no bytes are moved for that.
        """
        return f"files/{self.uploader_id or self.owner_id}/{self.id}"

    @property
    def pinned(self) -> SharedFile:
        """The file as it is now, in the version it has now: what a share or a download is bound to (R30)."""
        return SharedFile(
            self.id,
            self.name,
            self.size,
            self.content_type,
            self.version_id,
            self.key,
            self.folder,
            self.sha256,
            self.sha256_confirmed,
        )


def is_file_key(key: str) -> bool:
    """Whether a file's object may have this key: it names who sent it, then the file."""
    place, *ids = key.split("/")
    return place == "files" and len(ids) == 2 and all(map(is_id, ids))


@dataclass(frozen=True)
class SharedFile:
    """A file as a share pinned it: the version of that moment, under the name it had."""

    id: str
    name: str
    size: int
    content_type: str
    version_id: str
    key: str
    folder: str = ""
    sha256: str = ""
    sha256_confirmed: bool = False

    @property
    def preview_kind(self) -> str:
        """How a preview shows it; empty where there is none (`names.shown_as`).

        A PDF is fetched whole into the browser's memory before it is shown: a large one has no preview.
        """
        kind = names.preview_kind(self.name, self.content_type)
        return "" if kind == "pdf" and self.size > SHOWN_PDF_BYTES else kind


@dataclass(frozen=True)
class StoredObject:
    """What S3 says of an object. sha256: of the whole object, in hexadecimal; empty where S3 has none."""

    size: int
    content_type: str
    etag: str
    version_id: str
    metadata: dict[str, str]
    sha256: str = ""


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
