"""The terms of files: which kinds, how large, and how long they are kept. Asked when one is uploaded,
renamed, copied or shared; what is there already keeps the terms that it came under.
"""

from __future__ import annotations

from portal.domain.errors import N_, Invalid, TooLarge
from portal.domain.files.names import extension_of
from portal.domain.policy.limits import Limits

KEEP_DAYS = (7, 30, 90, 180, 365)


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
    """The retention periods to choose from: those that the policy leaves, or else its longest."""
    offered = {*KEEP_DAYS, limits.file_days}
    return tuple(sorted(each for each in offered if each <= limits.max_file_days)) or (limits.max_file_days,)


def check_keep_days(days: int, limits: Limits) -> None:
    if days not in list_keep_days(limits):
        raise Invalid(N_("Choose one of the offered retention periods."), field="days", reason="days")
