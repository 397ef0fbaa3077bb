"""Signing with the portal's secrets: what one purpose and one secret signed, no other verifies."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.keyring import LEAST_BYTES, Keyring

pytestmark = pytest.mark.requirement("R13")
PURPOSES = ["links", "codes", "upload keys", "mail switches", "cursors", "kept forms"]
secrets = st.text(min_size=32, max_size=40)
messages = st.one_of(st.text(max_size=80), st.binary(max_size=80))


@given(st.lists(secrets, min_size=1, max_size=4, unique=True), messages, st.sampled_from(PURPOSES))
def test_what_a_secret_signed_is_verified_until_it_is_gone(
    known: list[str], message: str | bytes, purpose: str
) -> None:
    """The newest signs; each older one is still believed, and none that was taken away."""
    signed = Keyring.derive(known, purpose).sign(message)
    for place in range(len(known)):
        rotated = [*known[1 : place + 1], known[0]] if place else known
        assert Keyring.derive(rotated, purpose).verify(message, signed)
    others = [secret for secret in ["another secret of the portal's..."] if secret not in known]
    assert not Keyring.derive(others, purpose).verify(message, signed)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_no_purpose_verifies_another(purpose: str) -> None:
    signed = Keyring.derive(["s" * 32], purpose).sign("text")
    verified = {each for each in PURPOSES if Keyring.derive(["s" * 32], each).verify("text", signed)}
    assert verified == {purpose}


@given(messages, st.integers(0, 31), st.integers(1, 255))
def test_a_changed_signature_is_none(message: str | bytes, place: int, change: int) -> None:
    ring = Keyring.derive(["s" * 32], "links")
    signed = bytearray(ring.sign(message))
    signed[place] ^= change
    assert not ring.verify(message, bytes(signed))


@pytest.mark.parametrize("length", range(33))
def test_sixteen_bytes_are_enough_and_fewer_are_not(length: int) -> None:
    ring = Keyring.derive(["s" * 32], "links")
    assert ring.verify("text", ring.sign("text")[:length]) is (length >= LEAST_BYTES)
    assert not ring.verify("text", ring.sign("text") + b"x")


def test_a_key_that_is_named_signs_while_it_is_there() -> None:
    """So that a link that is made again is the same link."""
    old, new = "o" * 32, "n" * 32
    before = Keyring.derive([old], "links")
    after = Keyring.derive([new, old], "links")
    assert after.sign("text", before.current_id) == before.sign("text") != after.sign("text")
    assert Keyring.derive([new], "links").sign("text", before.current_id) == after.sign("text")


def test_what_is_out_there_stays_valid() -> None:
    """A purpose's name and the way its key is derived are part of every link that was sent."""
    key = hmac.digest(b"s" * 32, b"portal links v1", hashlib.sha256)
    assert Keyring.derive(["s" * 32], "links").sign("text") == hmac.digest(key, b"text", hashlib.sha256)
