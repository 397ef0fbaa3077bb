"""The secrets that what is posted is signed with (standardwebhooks.com).

A webhook's secret is derived from the portal's own, so that no copy of the table has it. A webhook keeps the
seed of its secret, and which of the portal's keys it comes from.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.keyring import Keyring

PREFIX = "whsec_"
PURPOSE = "webhook secrets"


@dataclass(frozen=True)
class SecretSeed:
    """What a webhook's secret is made from; worth nothing without the portal's own key."""

    seed: str
    key_id: str


@dataclass(frozen=True)
class WebhookKeys:
    keyring: Keyring

    @classmethod
    def from_secrets(cls, portal_secrets: Sequence[str]) -> WebhookKeys:
        return cls(Keyring.derive(portal_secrets, PURPOSE))

    def make_seed(self) -> SecretSeed:
        return SecretSeed(secrets.token_hex(16), self.keyring.current_id)

    def derive_secret(self, webhook_id: str, seed: SecretSeed) -> bytes:
        """32 bytes, the same as long as the portal still has the key."""
        return self.keyring.sign(f"{webhook_id}/{seed.seed}", seed.key_id)

    def show_secret(self, webhook_id: str, seed: SecretSeed) -> str:
        """The secret as its receiver keeps it."""
        return PREFIX + base64.b64encode(self.derive_secret(webhook_id, seed)).decode()
