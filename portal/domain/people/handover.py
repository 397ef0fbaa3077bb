"""A handover: what one person has becomes another's, piece by piece. Sizes are counts; times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HandoverState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # by a problem that no further try mends


class HandoverPhase(StrEnum):
    FILES = "files"
    SHARES = "shares"


class BeginHandoverResult(StrEnum):
    BEGUN = "begun"
    RUNNING_ALREADY = "running_already"
    GIVER_CANNOT = "giver_cannot"  # gone, or closing their account
    RECEIVER_CANNOT = "receiver_cannot"  # gone, closing their account, or disabled


class PieceResult(StrEnum):
    MOVED = "moved"
    CHANGED = "changed"  # one of its files or its share is not as it was read
    OVER_QUOTA = "over_quota"
    RECEIVER_CANNOT = "receiver_cannot"
    GIVER_GONE = "giver_gone"  # or closing their account
    GIVER_HELD = "giver_held"  # on legal hold, which keeps what they have with them
    OVERTAKEN = "overtaken"  # another process did this piece


@dataclass(frozen=True)
class Handover:
    """One handover of one person's things; the latest is kept.

    file_ids, share_ids: what was chosen; none of both is all that the person has. phase, after: where it goes
    on: behind this file's id, or from this cursor of the list of shares, or behind this share's id where some
    were chosen. passed: what this round moved; a round that moves nothing is the last, since lists run behind
    and things are made in the meantime. left: what could not be moved; problem: why, the last reason.
    """

    id: str
    giver_id: str
    giver_name: str
    receiver_id: str
    receiver_name: str
    receiver_address: str
    admin_id: str
    admin_name: str
    begun_at: datetime
    file_ids: tuple[str, ...] = ()
    share_ids: tuple[str, ...] = ()
    state: HandoverState = HandoverState.RUNNING
    phase: HandoverPhase = HandoverPhase.FILES
    after: str = ""
    passed: int = 0
    files_moved: int = 0
    shares_moved: int = 0
    left: int = 0
    problem: str = ""
    step: int = 0  # grows with each piece, so that of two processes one goes on
    ended_at: datetime | None = None

    @property
    def is_of_all(self) -> bool:
        return not (self.file_ids or self.share_ids)
