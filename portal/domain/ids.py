"""Identifiers: sortable ids for things, opaque ids for people.

An id names a thing; it is never proof of a right to it. Proof is a session, or a link (`links.py`).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import UTC, datetime

# Crockford's base 32 in lower case: no letters that read alike, and the order of the text is the order of the
# number.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID = re.compile(r"[0-9a-hjkmnp-tv-z]{26}")


def make_sortable_id(at: datetime) -> str:
    """A new id of 26 characters: 48 bits of milliseconds, then 82 random bits, in the layout of a ULID.

    Ids made later sort later, so a list by id is a list by time.
    """
    number = (int(at.timestamp() * 1000) << 82) | secrets.randbits(82)
    return encode(number, 26)


def derive_sortable_id(at: datetime, *parts: str) -> str:
    """The sortable id that the same moment and parts always give."""
    chance = int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:16], "big") >> (128 - 82)
    return encode((int(at.timestamp() * 1000) << 82) | chance, 26)


def read_time(sortable: str) -> datetime:
    """When a sortable id was made, to the millisecond."""
    number = 0
    for letter in sortable:
        number = number * 32 + ALPHABET.index(letter)
    return datetime.fromtimestamp((number >> 82) / 1000, UTC)


def derive_person_id(issuer: str, subject: str) -> str:
    """The portal's id of a person: issuer and subject together, never the address (R5).

    A re-created account has a new subject and so never sees what belonged to the old one.
    """
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode()).digest()
    return encode(int.from_bytes(digest[:16], "big"), 26)


def derive_id(*parts: str) -> str:
    """The id that the same parts always give; used where doing a thing twice must be doing it once (R51)."""
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return encode(int.from_bytes(digest[:16], "big"), 26)


def is_id(text: str) -> bool:
    return ID.fullmatch(text) is not None


def encode(number: int, length: int) -> str:
    return "".join(ALPHABET[(number >> (5 * place)) & 31] for place in range(length - 1, -1, -1))
