"""Passwords of shares: what is kept of them, and how they may be typed again."""

from __future__ import annotations

import pytest
from werkzeug.security import generate_password_hash

from portal.domain.shares import passwords

pytestmark = pytest.mark.requirement("R44")


def test_passwords_are_salted_and_forgive_how_they_are_typed() -> None:
    first, second = passwords.hash_password("Äpfel und Birnen"), passwords.hash_password("Äpfel und Birnen")
    assert first != second
    assert passwords.verify_password(" A\u0308pfel und Birnen\n", first)
    assert not passwords.verify_password("äpfel und Birnen", first)


def test_a_hash_names_its_own_parameters() -> None:
    """One made with others, before or after ours, opens by them."""
    assert passwords.hash_password("correct horse").startswith("scrypt:16384:8:5$")
    cheap = generate_password_hash("correct horse", "scrypt:1024:8:1")
    assert passwords.verify_password("correct horse", cheap)
    assert not passwords.verify_password("Correct horse", cheap)


def test_a_password_set_before_hashes_named_them_still_opens() -> None:
    """Taken from a share of that time."""
    kept = "scrypt$HMsPOKbAq9TP1sDFwLFc9Q==$KezMPYb9xQyHky7j7l8Rxv69MyHN3aF/6h0I9XRNbYA="
    assert passwords.verify_password(" A\u0308pfel und Birnen", kept)
    assert not passwords.verify_password("äpfel und Birnen", kept)
