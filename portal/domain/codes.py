"""One-time codes: six digits that prove who reads a mailbox, kept only as a mark under a key (R44).

The mark is an HMAC-SHA256 over the code and all it is bound to: share, recipient, generation of the link,
browser and request. Its key is derived from the portal's secrets and stays outside the table, so that a copy
of the table cannot be searched for the million codes there are.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

DIGITS = re.compile(r"[0-9]{6}")
# What people put between digits when they copy or type them.
BETWEEN = re.compile(r"[\s\u00a0\u202f.-]+")
LIFETIME = timedelta(minutes=10)
TRIES = 5
CODES_AN_HOUR = 5
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Code:
    """The newest code of one recipient; the code itself is kept nowhere.

    id: of the request that asked for it; mark: empty once it was used; sent_at: when codes were sent within
    the last hour, oldest first; number: how many were ever sent: tells whether another was sent meanwhile.
    """

    id: str
    mark: str
    expires_at: datetime
    sent_at: tuple[datetime, ...] = ()
    tries_left: int = TRIES
    number: int = 1


@dataclass(frozen=True)
class CodeKeys:
    """The first key marks new codes, all of them compare (R13)."""

    keys: tuple[bytes, ...]

    @classmethod
    def from_secrets(cls, known: Sequence[str]) -> CodeKeys:
        return cls(tuple(hmac.digest(each.encode(), b"portal codes v1", hashlib.sha256) for each in known))

    def mark(self, code: str, bound_to: Sequence[str]) -> str:
        return marked(self.keys[0], code, bound_to)

    def fits(self, mark: str, code: str, bound_to: Sequence[str]) -> bool:
        """Whether this is the code of the mark; in constant time for each key."""
        return sum(hmac.compare_digest(marked(key, code, bound_to), mark) for key in self.keys) > 0


def marked(key: bytes, code: str, bound_to: Sequence[str]) -> str:
    return hmac.digest(key, "\n".join([code, *bound_to]).encode(), hashlib.sha256).hex()


def new_code() -> str:
    return f"{secrets.randbelow(10**6):06}"


def typed(text: str) -> str | None:
    """The six digits somebody typed, or None where they are not six digits."""
    bare = BETWEEN.sub("", text[:40])
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
