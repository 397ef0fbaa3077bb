"""Secrets of webhooks: derived, never kept, and still the same when the portal's own key was replaced."""

from __future__ import annotations

import base64

import pytest

from portal.domain.webhooks.signatures import WebhookKeys

pytestmark = pytest.mark.requirement("R13")
OLD, NEW = "a" * 31 + "b", "c" * 31 + "d"


def test_a_secret_outlives_the_key_it_came_from_while_that_is_among_the_older_ones() -> None:
    before = WebhookKeys.from_secrets([OLD])
    seed = before.make_seed()
    secret = before.derive_secret("webhook", seed)
    assert len(secret) == 32
    assert WebhookKeys.from_secrets([NEW, OLD]).derive_secret("webhook", seed) == secret
    assert WebhookKeys.from_secrets([NEW]).derive_secret("webhook", seed) != secret


def test_each_webhook_and_each_seed_has_its_own() -> None:
    keys = WebhookKeys.from_secrets([OLD])
    one, other = keys.make_seed(), keys.make_seed()
    assert len({keys.derive_secret(each, seed) for each in ("a", "b") for seed in (one, other)}) == 4
    shown = keys.show_secret("a", one)
    assert base64.b64decode(shown.removeprefix("whsec_")) == keys.derive_secret("a", one)
    assert one.seed not in shown
