"""The address in a mail that ends mails of its kind: signed, so that it needs no signing in (RFC 8058).

It names a person by their opaque id and the kinds; whoever has it can do nothing but switch those off.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.domain.ids import is_id
from portal.domain.notices import SWITCHES, NoticeKind

TOKEN = re.compile(r"([0-9a-z]{26})\.([a-z.]{1,60})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class SwitchKeys:
    """The keys that sign such addresses: the first signs, all are believed (R13)."""

    keys: tuple[bytes, ...]

    @classmethod
    def from_secrets(cls, secrets: Sequence[str]) -> SwitchKeys:
        return cls(
            tuple(hmac.digest(each.encode(), b"portal mail switches v1", "sha256") for each in secrets)
        )

    def token(self, person_id: str, kinds: Iterable[NoticeKind]) -> str:
        named = f"{person_id}.{'.'.join(sorted(set(kinds)))}"
        return f"{named}.{signature(self.keys[0], named)}"

    def opens(self, token: str) -> tuple[str, frozenset[NoticeKind]] | None:
        """Whose mails of which kinds; None where it was not signed by one of our keys."""
        match = TOKEN.fullmatch(token)
        if match is None or not is_id(match[1]):
            return None
        named = f"{match[1]}.{match[2]}"
        if not sum(hmac.compare_digest(signature(key, named), match[3]) for key in self.keys):
            return None
        return match[1], frozenset(each for each in SWITCHES if each in match[2].split("."))


def signature(key: bytes, named: str) -> str:
    return hmac.new(key, named.encode(), hashlib.sha256).hexdigest()
