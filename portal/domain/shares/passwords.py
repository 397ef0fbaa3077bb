"""Passwords of shares: kept as scrypt hashes by werkzeug.security, compared in constant time.

A hash begins with its own parameters, so that they can change and what was made before still opens. Cost: n
= 2^14, r = 8, p = 5, one of the equal choices of the OWASP Password Storage cheat sheet; it needs 16 MiB,
which a small Lambda has. Measured: 238 ms of a processor, which a function of 1024 MB has 0.58 of: 0.4 s
there. Its equals take more (2^15, p = 3: 314 ms; 2^16, p = 2: 456 ms; 2^17, p = 1: 532 ms), and werkzeug's
default (2^15, p = 1: 126 ms) is a third of the least that OWASP names.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata

from werkzeug.security import check_password_hash, generate_password_hash

METHOD = "scrypt:16384:8:5"
# What began with this named no parameters: 16 bytes of salt and 32 of the hash, both in base64.
BARE = "scrypt$"
SHORTEST, LONGEST = 8, 128  # characters
TRIES_AN_HOUR = 10  # per recipient: 240 guesses a day against at least 8 characters


def tidy_password(text: str) -> str:
    """As it is told by telephone and typed again: no blanks around it, one spelling of each letter."""
    return unicodedata.normalize("NFC", text).strip()


def hash_password(password: str) -> str:
    """`scrypt:16384:8:5$salt$hash`."""
    return generate_password_hash(trim_base64(password), METHOD)


def verify_password(password: str, kept: str) -> bool:
    """Whether this is the password whose hash was kept."""
    if kept.startswith(BARE):
        return verify_bare_scrypt(trim_base64(password), kept)
    return check_password_hash(kept, trim_base64(password))


def verify_bare_scrypt(password: str, kept: str) -> bool:
    """The same for the hashes of before, which the portal made itself with what METHOD says."""
    salt, wanted = (base64.b64decode(part) for part in kept.removeprefix(BARE).split("$"))
    derived = hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=5, maxmem=64 * 1024**2, dklen=32)
    return hmac.compare_digest(derived, wanted)


def trim_base64(password: str) -> str:
    return tidy_password(password)[:LONGEST]
