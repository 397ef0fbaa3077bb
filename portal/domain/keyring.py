"""Signing with the portal's secrets: one way for links, codes, upload keys, cursors and addresses in emails.

Each purpose has keys of its own, derived from the secrets, so that what was signed for one proves nothing for
another. The first secret signs, all of them verify: so a secret can be replaced while what it signed is still
out there (R13). HMAC-SHA256, RFC 2104.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

LEAST_BYTES = 16  # of a signature, of which a purpose may keep fewer than all 32


def derive_key(secret: str, purpose: str) -> bytes:
    """32 bytes for one purpose. A purpose keeps its name: under another, what it signed is worth nothing."""
    return hmac.digest(secret.encode(), f"portal {purpose} v1".encode(), hashlib.sha256)


@dataclass(frozen=True)
class Keyring:
    """The keys of one purpose, newest first."""

    keys: tuple[bytes, ...]

    @classmethod
    def derive(cls, secrets: Sequence[str], purpose: str) -> Keyring:
        return cls(tuple(derive_key(secret, purpose) for secret in secrets))

    @property
    def current_id(self) -> str:
        return fingerprint(self.keys[0])

    def sign(self, message: str | bytes, key_id: str = "") -> bytes:
        """32 bytes. key_id: of the key to sign with, where that is still there; else the newest signs."""
        key = next((key for key in self.keys if key_id and fingerprint(key) == key_id), self.keys[0])
        return digest(key, message)

    def verify(self, message: str | bytes, signature: bytes) -> bool:
        """Whether one of the keys signed this, in constant time for each. The first 16 bytes are enough."""
        if len(signature) < LEAST_BYTES:
            return False
        made = [digest(key, message)[: len(signature)] for key in self.keys]
        return sum(hmac.compare_digest(each, signature) for each in made) > 0


def digest(key: bytes, message: str | bytes) -> bytes:
    return hmac.digest(key, message.encode() if isinstance(message, str) else message, hashlib.sha256)


def fingerprint(key: bytes) -> str:
    """Which key it was, told without telling the key."""
    return hashlib.sha256(b"portal link key id " + key).hexdigest()[:16]
