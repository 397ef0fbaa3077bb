"""What a recipient can still get: the one answer that page, buttons, ZIP, preview, reminders, counts and the
owner's pages ask for (R72).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.files.file import File, FileState, SharedFile
from portal.domain.shares.share import Recipient, RecipientState, Share, ShareState


class Closed(StrEnum):
    """Why something is not to be had."""

    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    REMOVED = "removed"  # its sender deleted it; until it is purged it may come back
    INFECTED = "infected"
    WAITING = "waiting"  # for the malware scan; it is there shortly
    UNSCANNED = "unscanned"  # the malware scan could not look into it; an administrator may let it pass
    SPENT = "spent"


@dataclass(frozen=True)
class FileOffer:
    """One file of a share. closed: None where it may be had; left: how often, None without limit."""

    file: SharedFile
    closed: Closed | None = None
    left: int | None = None


@dataclass(frozen=True)
class Offer:
    """What a share gives to one recipient, or, of no recipient, to anyone. files: all of it, or of more than
    `MAX_WHOLE` those that were looked at. closed: None where anything of it may be had, also among what was
    not looked at.
    """

    share: Share
    recipient: Recipient | None
    files: tuple[FileOffer, ...]
    closed: Closed | None

    @property
    def required_recipient(self) -> Recipient:
        if self.recipient is None:
            raise RuntimeError("a recipient's offer names the recipient")
        return self.recipient

    def for_file(self, file_id: str) -> FileOffer:
        return next(each for each in self.files if each.file.id == file_id)

    @property
    def is_whole(self) -> bool:
        """Whether all its files were looked at."""
        return len(self.files) == self.share.file_count

    @property
    def is_emptied(self) -> bool:
        """Whether none of its files is to be had by anyone, whatever becomes of the link."""
        return self.is_whole and all(each.closed in {Closed.REMOVED, Closed.INFECTED} for each in self.files)

    @property
    def waits_for_scan(self) -> bool:
        """Whether more of it is to be had once a file is scanned, or, where nothing else is, released."""
        reasons = self.reasons
        return Closed.WAITING in reasons or (None not in reasons and Closed.UNSCANNED in reasons)

    @property
    def reasons(self) -> set[Closed | None]:
        """Why its files are closed, each; None where one is not."""
        return {each.closed for each in self.files}

    @property
    def is_spent(self) -> bool:
        """Whether one more download is all that it takes for its recipient, but for its end."""
        return self.is_whole and find_common_reason(self.files) is Closed.SPENT

    @property
    def open_files(self) -> list[SharedFile]:
        return [each.file for each in self.files if each.closed is None] if self.closed is None else []

    @property
    def left_in_all(self) -> int | None:
        """How many downloads of all of it together are left; None is without limit."""
        left = [each.left for each in self.files if each.closed is None] if self.closed is None else []
        if None in left or (self.share.download_limit is None and not self.is_whole):
            return None
        return sum(each or 0 for each in left) if self.is_whole else self.count_left_of_many()

    def count_left_of_many(self) -> int:
        """As if all its files were there: they are too many to be looked at for a number in a list."""
        limit, recipient = self.share.download_limit or 0, self.recipient
        each, used = (
            (limit + recipient.extra_downloads, recipient.download_count) if recipient else (limit, 0)
        )
        return max(0, each * self.share.file_count - used) if self.closed is None else 0


def file_closed(file: SharedFile, now: File | None) -> Closed | None:
    """Why nobody can have a shared file; None where they can. now: the file as it is, None where it is
    gone.
    """
    if now is not None and now.is_infected:
        return Closed.INFECTED
    if now is None or now.state is not FileState.READY or now.version_id != file.version_id:
        return Closed.REMOVED
    return Closed(now.scan_closed) if now.scan_closed else None


def offer(
    share: Share, recipient: Recipient | None, files: Mapping[str, File], now: datetime,
    page: Sequence[SharedFile] | None = None,
) -> Offer:  # fmt: skip
    """files: those of the share as they are now, by id, without those that are gone. page: those that are
    looked at, where these are not its first.
    """
    looked_at = share.first_files if page is None else page
    offers = tuple(file_offer(share, recipient, each, files.get(each.id)) for each in looked_at)
    reason = find_common_reason(offers) if len(offers) == share.file_count else None
    return Offer(share, recipient, offers, link_closed(share, recipient, now) or reason)


def file_offer(share: Share, recipient: Recipient | None, file: SharedFile, now: File | None) -> FileOffer:
    left = recipient.downloads_left(share, file.id) if recipient else share.download_limit
    closed = file_closed(file, now) or (Closed.SPENT if left == 0 else None)
    return FileOffer(file, closed, 0 if closed else left)


def link_closed(share: Share, recipient: Recipient | None, now: datetime) -> Closed | None:
    if share.state is ShareState.WITHDRAWN or (recipient and recipient.state is RecipientState.WITHDRAWN):
        return Closed.WITHDRAWN
    return None if share.is_open(now) else Closed.EXPIRED


def find_common_reason(offers: tuple[FileOffer, ...]) -> Closed | None:
    """Why nothing is left of several: where one will be there shortly, that; then where one could come back
    by asking for more.
    """
    reasons = {each.closed for each in offers}
    if None in reasons:
        return None
    return next((each for each in BY_HOPE if each in reasons), Closed.REMOVED)


BY_HOPE = (Closed.WAITING, Closed.SPENT, Closed.UNSCANNED, Closed.INFECTED)
