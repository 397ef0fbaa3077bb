"""The fields that a policy may set, each an attribute of `Limits`: what it holds, and what is stricter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from portal.domain.policy.limits import OBJECT_BYTES

Value = int | bool | tuple[str, ...] | None

MAX_ENTRIES = 500  # of one list
QUOTA_BYTES = 10**18
QUOTA_FILES = 10**9


class Kind(StrEnum):
    """What a field holds, and so how it is typed and said."""

    DAYS = "days"
    NUMBER = "number"
    BYTES = "bytes"
    SWITCH = "switch"
    RECIPIENTS = "recipients"
    FILE_KINDS = "file_kinds"


class Strict(StrEnum):
    """Which of two values is the stricter one."""

    LESS = "less"  # None: no limit
    YES = "yes"
    NO = "no"
    FEWER_ALLOWED = "fewer_allowed"  # of both what both allow; None: anything
    MORE_BLOCKED = "more_blocked"  # of both all


class Subject(StrEnum):
    """What the fields are grouped by on pages."""

    SHARES = "shares"
    ACCESS = "access"
    RECIPIENTS = "recipients"
    FILES = "files"
    QUOTAS = "quotas"
    REPORTS = "reports"


@dataclass(frozen=True)
class PolicyField:
    """least, most: of a number. has_none: whether there may be no limit. is_choice: whether people choose it
    themselves, so that a lock is a bound for them, too.
    """

    name: str
    subject: Subject
    kind: Kind
    strict: Strict
    least: int = 1
    most: int = 0
    has_none: bool = False
    is_choice: bool = False

    def choose_stricter(self, one: Value, other: Value) -> Value:
        """The stricter of two values; of lists what both leave. The same whichever comes first."""
        match self.strict:
            case Strict.LESS:
                numbers = [each for each in (one, other) if isinstance(each, int)]
                return min(numbers, default=None)
            case Strict.YES:
                return bool(one) or bool(other)
            case Strict.NO:
                return bool(one) and bool(other)
            case Strict.FEWER_ALLOWED:
                return intersect(as_entries(one), as_entries(other))
            case Strict.MORE_BLOCKED:
                return tidy((*(as_entries(one) or ()), *(as_entries(other) or ())))


def as_entries(value: Value) -> tuple[str, ...] | None:
    return value if isinstance(value, tuple) else None


def intersect(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """What both lists cover; None covers everything."""
    if one is None or other is None:
        return tidy(one if other is None else other)
    return tidy(
        [*(each for each in one if is_listed(each, other)), *(each for each in other if is_listed(each, one))]
    )


def tidy(entries: Iterable[str] | None) -> tuple[str, ...] | None:
    """Each once, in order, without what another one covers."""
    if entries is None:
        return None
    every = set(entries)
    return tuple(sorted(each for each in every if not is_listed(each, every - {each})))


def is_listed(thing: str, entries: Iterable[str]) -> bool:
    """Whether a list covers an address, a domain or a kind of file, all in the form that keys have. A domain
    covers what is below it and every address there; an address and a kind cover themselves.
    """
    domain = thing.rpartition("@")[2]
    return any(thing == each or domain == each or domain.endswith(f".{each}") for each in entries)


DAYS, NUMBER, SWITCH = Kind.DAYS, Kind.NUMBER, Kind.SWITCH
FIELDS = (
    PolicyField("max_share_days", Subject.SHARES, DAYS, Strict.LESS, most=3650),
    PolicyField("default_share_days", Subject.SHARES, DAYS, Strict.LESS, most=3650, is_choice=True),
    PolicyField("max_download_limit", Subject.SHARES, NUMBER, Strict.LESS, most=1000),
    PolicyField(
        "default_download_limit", Subject.SHARES, NUMBER, Strict.LESS, most=1000, has_none=True,
        is_choice=True,
    ),
    PolicyField("download_limit_required", Subject.SHARES, SWITCH, Strict.YES),
    PolicyField("confirm_by_code", Subject.ACCESS, SWITCH, Strict.YES, is_choice=True),
    PolicyField("password_required", Subject.ACCESS, SWITCH, Strict.YES),
    PolicyField("second_factor_required", Subject.ACCESS, SWITCH, Strict.YES),
    PolicyField("previews", Subject.ACCESS, SWITCH, Strict.NO, is_choice=True),
    PolicyField(
        "allowed_recipients", Subject.RECIPIENTS, Kind.RECIPIENTS, Strict.FEWER_ALLOWED, has_none=True
    ),
    PolicyField("blocked_recipients", Subject.RECIPIENTS, Kind.RECIPIENTS, Strict.MORE_BLOCKED),
    PolicyField("max_mails_a_day", Subject.RECIPIENTS, NUMBER, Strict.LESS, most=1_000_000),
    PolicyField("max_file_days", Subject.FILES, DAYS, Strict.LESS, most=36500),
    PolicyField("file_days", Subject.FILES, DAYS, Strict.LESS, most=36500, is_choice=True),
    PolicyField("trash_days", Subject.FILES, DAYS, Strict.LESS, most=365),
    PolicyField("max_file_bytes", Subject.FILES, Kind.BYTES, Strict.LESS, most=OBJECT_BYTES),
    PolicyField("allowed_kinds", Subject.FILES, Kind.FILE_KINDS, Strict.FEWER_ALLOWED, has_none=True),
    PolicyField("blocked_kinds", Subject.FILES, Kind.FILE_KINDS, Strict.MORE_BLOCKED),
    PolicyField("scan_required", Subject.FILES, SWITCH, Strict.YES),
    PolicyField(
        "max_person_bytes", Subject.QUOTAS, Kind.BYTES, Strict.LESS, most=QUOTA_BYTES, has_none=True
    ),
    PolicyField("max_person_files", Subject.QUOTAS, NUMBER, Strict.LESS, most=QUOTA_FILES, has_none=True),
    PolicyField("free_queries", Subject.REPORTS, SWITCH, Strict.NO),
)  # fmt: skip
BY_NAME = {each.name: each for each in FIELDS}
