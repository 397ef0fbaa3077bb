"""One-time codes: six digits that prove who reads a mailbox, kept only as a mark under a key (R44).

The mark is an HMAC-SHA256 over the code and all it is bound to: share, recipient, generation of the link,
browser and request. Its key is derived from the portal's secrets and stays outside the table, so that a copy
of the table cannot be searched for the million codes there are.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.characters import ascii_digits, keep_readable
from portal.domain.keyring import Keyring

DIGITS = re.compile(r"[0-9]{6}")
# What people put between digits when they copy or type them: blanks, dots, dashes of any kind.
BETWEEN = re.compile(r"[\s.\u3002\uff0e\u2010-\u2015\u2212\uff0d-]+")
LIFETIME = timedelta(minutes=10)
TRIES = 5
CODES_AN_HOUR = 5
HOUR = timedelta(hours=1)
REPEATABLE = timedelta(minutes=1)  # an answer that was lost is asked for again at once, or not at all


@dataclass(frozen=True)
class Code:
    """The newest code of one recipient; the code itself is kept nowhere.

    id: of the request that asked for it; mark: empty once it was used; sent_at: when codes were sent within
    the last hour, oldest first; number: how many were ever sent: tells whether another was sent in the
    meantime; used_mark, used_at: the mark that was used, and when.
    """

    id: str
    mark: str
    expires_at: datetime
    sent_at: tuple[datetime, ...] = ()
    tries_left: int = TRIES
    number: int = 1
    used_mark: str = ""
    used_at: datetime | None = None

    def may_be_repeated(self, now: datetime) -> bool:
        """Whether it was used so short a time ago that its browser may not have heard of it."""
        return self.used_at is not None and now - self.used_at < REPEATABLE


@dataclass(frozen=True)
class CodeKeys:
    """The first key marks new codes, all of them compare (R13)."""

    ring: Keyring

    @classmethod
    def from_secrets(cls, known: Sequence[str]) -> CodeKeys:
        return cls(Keyring.derive(known, "codes"))

    def mark(self, code: str, bound_to: Sequence[str]) -> str:
        return self.ring.sign("\n".join([code, *bound_to])).hex()

    def verify(self, mark: str, code: str, bound_to: Sequence[str]) -> bool:
        """Whether this is the code of the mark."""
        return self.ring.verify("\n".join([code, *bound_to]), bytes.fromhex(mark))


def new_code() -> str:
    return f"{secrets.randbelow(10**6):06}"


def parse_code(text: str) -> str | None:
    """The six digits someone typed, in whatever script, or None where they are not six digits."""
    bare = BETWEEN.sub("", ascii_digits(keep_readable(text[:40])))
    return bare if DIGITS.fullmatch(bare) else None


def recent(sent_at: Sequence[datetime], now: datetime) -> tuple[datetime, ...]:
    """Those of the last hour: an hour that moves along, so that no turn of a clock doubles the limit."""
    return tuple(each for each in sent_at if now - each < HOUR)


def wait_seconds(sent_at: Sequence[datetime], now: datetime) -> int:
    """How long until another code may be sent; 0 where one may be sent now."""
    within = recent(sent_at, now)
    if len(within) < CODES_AN_HOUR:
        return 0
    return max(1, int((within[-CODES_AN_HOUR] + HOUR - now).total_seconds()) + 1)
