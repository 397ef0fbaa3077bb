"""Access tokens: what programs show in place of a browser's session, each for some of what its owner may.

A token reads `fileportal_`, its owner's id, its own id, 256 random bits and a checksum, so that a scanner for
secrets finds one by its beginning and knows it from a text that only looks alike (GitHub's engineering blog,
"Behind GitHub's new authentication token formats", 2021). The table keeps the SHA-256 of the random part.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from portal.domain.errors import N_, Invalid
from portal.domain.ids import encode, is_id
from portal.domain.people.person import Scope

PREFIX = "fileportal_"
SECRET_CHARACTERS, CHECKSUM_CHARACTERS = 52, 7  # of 5 bits each: 256 bits, and those of a CRC-32
TOKEN = re.compile(rf"{PREFIX}([0-9a-z]{{26}})([0-9a-z]{{26}})([0-9a-z]{{52}})([0-9a-z]{{7}})")
DEFAULT_DAYS, MAX_DAYS = 90, 366
MAX_TOKENS = 50  # of one person, those that have expired lately included
NAME_CHARACTERS = 60
SEEN_EVERY = timedelta(hours=1)  # so often at most is written down when a token was last used
KEPT_AFTERWARDS = timedelta(days=30)  # so long its owner still sees one that has expired


@dataclass(frozen=True)
class AccessToken:
    """A token as it is kept. secret_hash: the SHA-256 of its random part, in hexadecimal."""

    id: str
    owner_id: str
    name: str
    scopes: frozenset[Scope]
    secret_hash: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        return now < self.expires_at

    def fits(self, secret: str) -> bool:
        return hmac.compare_digest(self.secret_hash, hash_secret(secret))

    def is_use_to_note(self, now: datetime) -> bool:
        return self.used_at is None or now - self.used_at >= SEEN_EVERY


class TokenParts(NamedTuple):
    owner_id: str
    token_id: str
    secret: str

    @property
    def text(self) -> str:
        body = "".join(self)
        return f"{PREFIX}{body}{compute_checksum(body)}"


def make_token(owner_id: str, token_id: str) -> TokenParts:
    return TokenParts(owner_id, token_id, encode(secrets.randbits(256), SECRET_CHARACTERS))


def parse_token(text: str) -> TokenParts | None:
    """What a text names that is a token by its form; None for every other."""
    match = TOKEN.fullmatch(text)
    if match is None or not (is_id(match[1]) and is_id(match[2])):
        return None
    found = TokenParts(match[1], match[2], match[3])
    return found if compute_checksum("".join(found)) == match[4] else None


def looks_like_token(text: str) -> bool:
    return text.startswith(PREFIX)


def compute_checksum(body: str) -> str:
    return encode(zlib.crc32(body.encode()), CHECKSUM_CHARACTERS)


def hash_secret(secret: str) -> str:
    """256 random bits need no slower hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def check_name(name: str) -> str:
    """A name on one line."""
    if not name:
        raise Invalid(N_("Say what the token is for."), field="name", reason="name_missing")
    if len(name) > NAME_CHARACTERS:
        raise Invalid(
            N_("The name can have at most %(most)s characters."),
            field="name", reason="name_long", params={"most": NAME_CHARACTERS},
        )  # fmt: skip
    return name


def check_scopes(asked: Iterable[str], offered: Iterable[Scope]) -> frozenset[Scope]:
    """Of those that are offered, what was asked for; at least one."""
    wanted = set(asked)
    if not wanted:
        raise Invalid(N_("Choose what the token may do."), field="scopes", reason="scopes_missing")
    known = frozenset(each for each in offered if each in wanted)
    if len(known) != len(wanted):
        raise Invalid(
            N_("A token can do no more than you may yourself. Choose among what is offered."),
            field="scopes", reason="scopes_unknown",
        )  # fmt: skip
    return known


def check_days(days: int | None) -> int:
    if days is None or not 1 <= days <= MAX_DAYS:
        raise Invalid(
            N_("Choose between 1 and %(most)s days."),
            field="days", reason="days", params={"most": MAX_DAYS},
        )  # fmt: skip
    return days
