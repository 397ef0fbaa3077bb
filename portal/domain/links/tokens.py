"""Links: the secret address of one recipient, made from a key and never stored.

A token names its share and its recipient and carries an HMAC-SHA256 over both and the link's generation (RFC
2104). The key stays outside the table, so no copy of the table, a log or an export can make a link (I6, R41),
and an email that is sent again carries the same link although it was kept nowhere.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.ids import is_id
from portal.domain.keyring import Keyring

TOKEN = re.compile(r"([0-9a-z]{26})([0-9a-z]{26})([A-Za-z0-9_-]{43})")


@dataclass(frozen=True)
class Token:
    """A token taken apart. It proves nothing before `LinkKeys.opens` said so."""

    share_id: str
    recipient_id: str
    proof: str


@dataclass(frozen=True)
class LinkKeys:
    """The keys that make links: the first makes new ones, the others still open older ones (R13)."""

    ring: Keyring

    @classmethod
    def from_secrets(cls, secrets: Sequence[str]) -> LinkKeys:
        return cls(Keyring.derive(secrets, "links"))

    def token(self, share_id: str, recipient_id: str, generation: int, key_id: str) -> str:
        """The token of a recipient's link under the key it was issued with; the newest key where that is
        gone.
        """
        proof = self.ring.sign(build_message(share_id, recipient_id, generation), key_id)
        return share_id + recipient_id + base64.urlsafe_b64encode(proof).rstrip(b"=").decode()

    def verify(self, token: Token, generation: int) -> bool:
        """Whether the token was made by one of our keys for this generation."""
        text = build_message(token.share_id, token.recipient_id, generation)
        return self.ring.verify(text, base64.urlsafe_b64decode(token.proof + "="))

    @property
    def current_id(self) -> str:
        return self.ring.current_id


def note(share_id: str, recipient_id: str) -> str:
    """Whose download it is, in a word that opens nothing: it is signed into the address and stands in S3's
    access log.
    """
    return f"{share_id}.{recipient_id}"


def parse(text: str) -> Token | None:
    """Take a token apart, or None where it has not the form of one."""
    match = TOKEN.fullmatch(text)
    if match is None or not (is_id(match[1]) and is_id(match[2])) or not canonical(match[3]):
        return None
    return Token(*match.groups())


def canonical(text: str) -> bool:
    """Whether the text is the one base64url spelling of its bytes, so that a link has one address only."""
    try:
        raw = base64.urlsafe_b64decode(text + "=")
    except (ValueError, binascii.Error):
        return False
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == text


def build_message(share_id: str, recipient_id: str, generation: int) -> str:
    return f"{share_id}/{recipient_id}/{generation}"
