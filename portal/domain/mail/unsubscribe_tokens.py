"""The address in an email that ends emails of its kind: signed, so that it needs no signing in (RFC 8058).

It names a person by their opaque id and the kinds; whoever has it can do nothing but switch those off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from portal.domain.ids import is_id
from portal.domain.keyring import Keyring
from portal.domain.mail.notifications import SWITCHES, NotificationKind

TOKEN = re.compile(r"([0-9a-z]{26})\.([a-z.]{1,60})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class SwitchKeys:
    """The keys that sign such addresses: the first signs, all are believed (R13)."""

    ring: Keyring

    @classmethod
    def from_secrets(cls, secrets: Sequence[str]) -> SwitchKeys:
        return cls(Keyring.derive(secrets, "mail switches"))

    def token(self, person_id: str, kinds: Iterable[NotificationKind]) -> str:
        named = f"{person_id}.{'.'.join(sorted(set(kinds)))}"
        return f"{named}.{self.ring.sign(named).hex()}"

    def verify(self, token: str) -> tuple[str, frozenset[NotificationKind]] | None:
        """Whose emails of which kinds; None where it was not signed by one of our keys."""
        match = TOKEN.fullmatch(token)
        if match is None or not is_id(match[1]):
            return None
        named = f"{match[1]}.{match[2]}"
        if not self.ring.verify(named, bytes.fromhex(match[3])):
            return None
        return match[1], frozenset(each for each in SWITCHES if each in match[2].split("."))
