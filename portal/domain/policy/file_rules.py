"""The terms of files: which kinds, how large, and how long they are kept. Asked when one is uploaded,
renamed, copied or shared; what is there already keeps the terms that it came under.
"""

from __future__ import annotations

from datetime import timedelta

from portal.domain.errors import N_, Invalid, TooLarge
from portal.domain.files.lifetimes import FOR_EVER_DAYS
from portal.domain.files.names import extension_of
from portal.domain.policy.limits import Limits

KEEP_DAYS = (1, 7, 30, 90, 180, 365, FOR_EVER_DAYS)
SHORTEST_LIFE = timedelta(hours=1)  # which every policy leaves


def check_kind(name: str, limits: Limits, field: str = "name") -> None:
    """Raises Invalid where files with this ending are not allowed; a name without one is of no kind."""
    kind, allowed = extension_of(name), limits.allowed_kinds
    if kind in limits.blocked_kinds or (allowed is not None and kind not in allowed):
        raise Invalid(
            N_("%(name)s is not accepted: your organisation does not allow files of this kind."),
            field=field, reason="kind_not_allowed", params={"name": name},
        )  # fmt: skip


def check_size(size: int, limits: Limits) -> None:
    if size > limits.max_file_bytes:
        raise TooLarge(
            N_("This file is larger than %(most_bytes)s, the most this portal accepts at once."),
            field="size", params={"most_bytes": limits.max_file_bytes},
        )  # fmt: skip


def list_keep_days(limits: Limits) -> tuple[int, ...]:
    """The retention periods to choose from, those of full days: as many as the policy leaves."""
    offered = {*KEEP_DAYS, min(limits.file_days, limits.max_file_days)}
    return tuple(sorted(each for each in offered if each <= limits.max_file_days))


def list_lives(limits: Limits) -> tuple[timedelta, ...]:
    """From an hour to the longest that the policy leaves."""
    return SHORTEST_LIFE, *(timedelta(days=each) for each in list_keep_days(limits))


def check_life(life: timedelta, limits: Limits) -> None:
    if life not in list_lives(limits):
        raise Invalid(N_("Choose one of the offered retention periods."), field="days", reason="days")
