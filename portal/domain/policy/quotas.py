"""Quotas: how much a person, and everyone together, may have, and what of it is left (R37).

What is in use counts from announcing a file to removing it for good, the trash included.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.domain.errors import N_, Conflict
from portal.domain.people.person import Usage
from portal.domain.policy.limits import Limits


@dataclass(frozen=True)
class Allowance:
    """files, bytes: in use by the person; max_*: their own limits; *_left: the smaller of what they and
    everyone have left. None where there is no limit.
    """

    files: int
    bytes: int
    max_files: int | None = None
    max_bytes: int | None = None
    files_left: int | None = None
    bytes_left: int | None = None

    @classmethod
    def from_usage(cls, limits: Limits, mine: Usage, together: Usage) -> Allowance:
        max_files = limits.max_person_files if mine.max_files is None else mine.max_files
        max_bytes = limits.max_person_bytes if mine.max_bytes is None else mine.max_bytes
        return cls(
            mine.files,
            mine.bytes,
            max_files,
            max_bytes,
            least(rest(max_files, mine.files), rest(limits.max_total_files, together.files)),
            least(rest(max_bytes, mine.bytes), rest(limits.max_total_bytes, together.bytes)),
        )


def rest(most: int | None, used: int) -> int | None:
    return None if most is None else max(0, most - used)


def least(*values: int | None) -> int | None:
    return min((each for each in values if each is not None), default=None)


class OverQuota(Conflict):
    """It says how much there is room for, and how much this needs."""

    reason = "over_quota"

    def __init__(self, room: Allowance, files: int, size: int) -> None:
        if room.files_left is not None and files > room.files_left:
            super().__init__(
                N_(
                    "There is room for %(left)s more files, and this needs %(needed)s. Delete files for good"
                    " that you do not need, or ask an administrator for more room."
                ),
                params={"left": room.files_left, "needed": files},
            )
        else:
            super().__init__(
                N_(
                    "There is room for %(left_bytes)s more, and this needs %(needed_bytes)s. Delete files for"
                    " good that you do not need, or ask an administrator for more room."
                ),
                params={"left_bytes": room.bytes_left or 0, "needed_bytes": size},
            )
