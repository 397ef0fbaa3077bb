"""The key of one upload: a capability with which a browser finishes what it began, session or not (R33).

It names the owner and carries an HMAC-SHA256 over owner and upload (RFC 2104), under a key derived from the
portal's secret; it is kept nowhere. It opens the routes of that one upload, and so can do no
more than send, complete or cancel what somebody announced who was signed in.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.ids import is_id

KEY = re.compile(r"([0-9a-z]{26})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class UploadKeys:
    """The keys that make such keys: the first makes, all open (R13)."""

    keys: tuple[bytes, ...]

    @classmethod
    def from_secrets(cls, secrets: Sequence[str]) -> UploadKeys:
        return cls(tuple(hmac.digest(each.encode(), b"portal upload keys v1", "sha256") for each in secrets))

    def key(self, owner_id: str, file_id: str) -> str:
        return f"{owner_id}.{proof(self.keys[0], owner_id, file_id)}"

    def opens(self, text: str, file_id: str) -> str | None:
        """Whose upload it is, where the key is of this upload; None for every other text."""
        match = KEY.fullmatch(text)
        if match is None or not (is_id(match[1]) and is_id(file_id)):
            return None
        made = [proof(each, match[1], file_id) for each in self.keys]
        return match[1] if sum(hmac.compare_digest(each, match[2]) for each in made) else None


def proof(key: bytes, owner_id: str, file_id: str) -> str:
    return hmac.new(key, f"{owner_id}/{file_id}".encode(), hashlib.sha256).hexdigest()
