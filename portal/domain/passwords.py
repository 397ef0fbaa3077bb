"""Passwords of shares: kept as scrypt hashes, compared in constant time.

Cost: n = 2^14, r = 8, p = 5, one of the equal choices of the OWASP Password Storage cheat sheet; it needs
16 MiB, which a small Lambda has.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import unicodedata

N, R, P = 2**14, 8, 5
MEMORY_BYTES = 64 * 1024**2
SALT_BYTES = 16
SHORTEST, LONGEST = 8, 128  # characters
TRIES_AN_HOUR = 10  # per recipient: 240 guesses a day against at least 8 characters


def tidied(text: str) -> str:
    """As it is told by telephone and typed again: no blanks around it, one spelling of each letter."""
    return unicodedata.normalize("NFC", text).strip()


def hashed(password: str) -> str:
    salt = secrets.token_bytes(SALT_BYTES)
    return f"scrypt${text(salt)}${text(derived(password, salt))}"


def fits(password: str, kept: str) -> bool:
    """Whether this is the password whose hash was kept."""
    _, salt, wanted = kept.split("$")
    return hmac.compare_digest(derived(password, base64.b64decode(salt)), base64.b64decode(wanted))


def derived(password: str, salt: bytes) -> bytes:
    asked = tidied(password)[:LONGEST].encode()
    return hashlib.scrypt(asked, salt=salt, n=N, r=R, p=P, maxmem=MEMORY_BYTES, dklen=32)


def text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
