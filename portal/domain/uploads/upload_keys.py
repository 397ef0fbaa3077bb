"""The key of one upload: a capability with which a browser finishes what it began, session or not (R33).

It names the owner and carries an HMAC-SHA256 over owner and upload (RFC 2104), under a key derived from the
portal's secret; it is kept nowhere. It opens the routes of that one upload, and so can do no
more than send, complete or cancel what someone announced who was signed in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.ids import is_id
from portal.domain.keyring import Keyring

KEY = re.compile(r"([0-9a-z]{26})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class UploadKeys:
    """The keys that make such keys: the first makes, all open (R13)."""

    ring: Keyring

    @classmethod
    def from_secrets(cls, secrets: Sequence[str]) -> UploadKeys:
        return cls(Keyring.derive(secrets, "upload keys"))

    def key(self, owner_id: str, file_id: str) -> str:
        return f"{owner_id}.{self.ring.sign(f'{owner_id}/{file_id}').hex()}"

    def verify(self, text: str, file_id: str) -> str | None:
        """Whose upload it is, where the key is of this upload; None for every other text."""
        match = KEY.fullmatch(text)
        if match is None or not (is_id(match[1]) and is_id(file_id)):
            return None
        is_ours = self.ring.verify(f"{match[1]}/{file_id}", bytes.fromhex(match[2]))
        return match[1] if is_ours else None
