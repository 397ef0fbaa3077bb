"""Cursors: where a list goes on, as a text that is signed and bound to its list, and so to its owner
(R62).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from portal.domain.errors import Invalid, words

SIGNATURE_BYTES = 16


class Cursors:
    """Makes and opens cursors; the first key makes, all of them open (R13)."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self.keys = [hmac.digest(each.encode(), b"portal cursors v1", hashlib.sha256) for each in secrets]

    def seal(self, scope: str, last_key: dict[str, Any] | None) -> str | None:
        """The cursor behind this key of a list; None at the list's end."""
        if last_key is None:
            return None
        body = json.dumps(last_key, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(signature(self.keys[0], scope, body) + body).rstrip(b"=").decode()

    def open(self, scope: str, text: str | None) -> dict[str, Any] | None:
        """The key to go on from. Raises Invalid for a cursor that is not ours or belongs to another list."""
        if not text:
            return None
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (ValueError, binascii.Error):
            raw = b""
        sign, body = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if not any(hmac.compare_digest(signature(key, scope, body), sign) for key in self.keys):
            raise Invalid(
                words("This page of the list is not there. Begin at the first page."), reason="cursor"
            )
        found: dict[str, Any] = json.loads(body)
        return found


def signature(key: bytes, scope: str, body: bytes) -> bytes:
    return hmac.digest(key, scope.encode() + b"\n" + body, hashlib.sha256)[:SIGNATURE_BYTES]
