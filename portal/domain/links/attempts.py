"""A press that was counted: how long it goes on, and so how often it may have another address (R50, R79)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.domain.files.file import SharedFile
from portal.domain.policy.limits import Limits


class PressResult(StrEnum):
    """What a press of Download or Preview came to: the first two are given an address, the others are not."""

    COUNTED = "counted"
    RENEWED = "renewed"
    LINK_CHANGED = "link_changed"  # share or recipient are not as they were read, or the limit is reached
    COUNTED_BEFORE = "counted_before"  # it has been counted, or renewed, since it was read
    FILE_NOT_SERVED = "file_not_served"
    TOO_OFTEN = "too_often"  # too many in a short time
    OWNER_TOLD = "owner_told"  # the email that tells the owner is queued already


@dataclass(frozen=True)
class Attempt:
    """One press of Download or Preview after it was counted.

    spent_at: when it was; addresses: how many it was given since; delivered_at: when the newest download that
    brought this recipient the whole file began, as far as the bucket's access log has told.
    """

    spent_at: datetime
    addresses: int = 1
    delivered_at: datetime | None = None

    def goes_on(self, file: SharedFile, now: datetime, limits: Limits, *, looks: bool) -> bool:
        """Whether it may have another address without being counted again. looks: it is a preview.

        For a minute it may whatever became of it: a double click, a retry, a lost answer. After that while
        its bytes have not all gone out, for a day. A sound or film goes on for an hour all the same: a player
        comes back for what it has had when someone plays a passage again.
        """
        if self.addresses >= most_addresses(file, limits, looks=looks):
            return False
        age, plays = now - self.spent_at, looks and is_played(file)
        if age < timedelta(seconds=limits.watch_seconds if plays else limits.attempt_seconds):
            return True
        return age < timedelta(hours=limits.attempt_hours) and not self.is_delivered

    @property
    def is_delivered(self) -> bool:
        """The log knows whole seconds."""
        return self.delivered_at is not None and self.delivered_at >= self.spent_at.replace(microsecond=0)


def most_addresses(file: SharedFile, limits: Limits, *, looks: bool) -> int:
    return limits.watch_addresses if looks and is_played(file) else limits.attempt_addresses


def is_played(file: SharedFile) -> bool:
    return file.preview_kind in {"audio", "video"}
