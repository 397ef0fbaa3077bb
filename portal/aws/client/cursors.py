"""Cursors: where a list goes on, as a text that is signed and bound to its list, and so to its owner
(R62).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from portal.domain.errors import N_, Invalid
from portal.domain.keyring import Keyring

SIGNATURE_BYTES = 16


class Cursors:
    """Makes and opens cursors; the first key makes, all of them open (R13)."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self.ring = Keyring.derive(secrets, "cursors")

    def seal(self, scope: str, last_key: dict[str, Any] | None) -> str | None:
        """The cursor behind this key of a list; None at the list's end."""
        if last_key is None:
            return None
        body = json.dumps(last_key, separators=(",", ":")).encode()
        signature = self.ring.sign(scope.encode() + b"\n" + body)[:SIGNATURE_BYTES]
        return base64.urlsafe_b64encode(signature + body).rstrip(b"=").decode()

    def open(self, scope: str, text: str | None) -> dict[str, Any] | None:
        """The key to go on from. Raises Invalid for a cursor that is not ours or belongs to another list."""
        if not text:
            return None
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (ValueError, binascii.Error):
            raw = b""
        signature, body = raw[:SIGNATURE_BYTES], raw[SIGNATURE_BYTES:]
        if not self.ring.verify(scope.encode() + b"\n" + body, signature):
            raise Invalid(
                N_("This page of the list does not exist. Start at the first page."), reason="cursor"
            )
        found: dict[str, Any] = json.loads(body)
        return found
