"""Legal holds: what one administrator keeps from being destroyed until a second one releases it (I8).

A hold on a share holds its files as well, and one on a person everything that is theirs: each thing asks for
holds on itself and on its owner. A hold keeps things; it gives nothing to anyone, so links still end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.domain.errors import N_, Conflict, Invalid

MAX_REASON_CHARACTERS = 500


class HeldKind(StrEnum):
    FILE = "file"
    SHARE = "share"
    PERSON = "person"


class SetHoldResult(StrEnum):
    SET = "set"
    GONE = "gone"  # being destroyed already, or not there


class ReleaseHoldResult(StrEnum):
    RELEASED = "released"
    RELEASED_BEFORE = "released_before"
    SAME_ADMIN = "same_admin"


class LockState(StrEnum):
    """What S3's own legal hold on the versions has come to."""

    UNFINISHED = "unfinished"  # the schedule goes on
    FINISHED = "finished"
    NOT_ENABLED = "not_enabled"  # the bucket has no Object Lock


@dataclass(frozen=True)
class LegalHold:
    """One hold. thing_id: of the file, share or person; name: what people call it; file_ids: of a file or a
    share, those it holds, whose objects are locked in S3 where the bucket can; after: where locking those of
    a person goes on.
    """

    id: str
    kind: HeldKind
    thing_id: str
    name: str
    reason: str
    set_by: str
    set_by_name: str
    set_at: datetime
    file_ids: tuple[str, ...] = ()
    released_by: str = ""
    released_by_name: str = ""
    released_at: datetime | None = None
    release_reason: str = ""
    lock: LockState = LockState.UNFINISHED
    after: str = ""

    @property
    def held_ids(self) -> tuple[str, ...]:
        """Every thing that is marked as held."""
        return tuple(dict.fromkeys((self.thing_id, *self.file_ids)))


class Held(Conflict):
    """What destroys something met a hold on it or on its owner."""

    reason = "legal_hold"
    message = N_("This is on legal hold. Nothing of it can be deleted until administrators release it.")


def parse_reason(text: str) -> str:
    """Why something is held, or not any more: never nothing."""
    reason = " ".join(text.split())
    if not reason or len(reason) > MAX_REASON_CHARACTERS:
        raise Invalid(
            N_("Say why, in at most %(most)s characters."),
            field="reason", reason="no_reason", params={"most": MAX_REASON_CHARACTERS},
        )  # fmt: skip
    return reason
