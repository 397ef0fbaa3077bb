"""Links: made from a key, bound to share, recipient and generation."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ids import derive_person_id, is_id, make_sortable_id
from portal.domain.links.tokens import LinkKeys, parse

pytestmark = pytest.mark.requirement("R13", "R41")

OLD, NEW = "o" * 40, "n" * 40
SHARE, RECIPIENT = "0" * 25 + "1", "0" * 25 + "2"


def test_a_link_opens_for_its_own_recipient_and_generation_only() -> None:
    keys = LinkKeys.from_secrets([NEW])
    token = parse(keys.token(SHARE, RECIPIENT, 1, keys.current_id))
    assert token is not None
    assert (token.share_id, token.recipient_id) == (SHARE, RECIPIENT)
    assert keys.verify(token, 1)
    assert not keys.verify(token, 2)
    assert not LinkKeys.from_secrets([OLD]).verify(token, 1)


def test_a_link_survives_the_rotation_of_the_secret() -> None:
    """An older secret still opens what it made, and an email sent again carries the same link."""
    before, after = LinkKeys.from_secrets([OLD]), LinkKeys.from_secrets([NEW, OLD])
    text = before.token(SHARE, RECIPIENT, 1, before.current_id)
    token = parse(text)
    assert token is not None
    assert after.verify(token, 1)
    assert after.token(SHARE, RECIPIENT, 1, before.current_id) == text
    assert after.token(SHARE, RECIPIENT, 1, after.current_id) != text


def test_a_link_carries_256_bits_of_proof() -> None:
    keys = LinkKeys.from_secrets([NEW])
    token = parse(keys.token(SHARE, RECIPIENT, 1, keys.current_id))
    assert token is not None
    assert len(token.proof) == 43  # 32 bytes in base64url


@pytest.mark.requirement("R45")
@pytest.mark.parametrize("change", [-1, -20, 60, 30, 2])
def test_a_changed_link_opens_nothing(change: int) -> None:
    """Any other character makes another token or none; the last one's spare bits too."""
    keys = LinkKeys.from_secrets([NEW])
    text = keys.token(SHARE, RECIPIENT, 1, keys.current_id)
    for other in "0aZ_":
        letters = list(text)
        letters[change] = other
        changed = "".join(letters)
        token = parse(changed)
        assert changed == text or token is None or not keys.verify(token, 1)


@given(st.text(max_size=200))
def test_taking_a_token_apart_never_fails(text: str) -> None:
    parse(text)


def test_ids_sort_by_time() -> None:
    earlier, later = (make_sortable_id(datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2))
    assert earlier < later
    assert is_id(earlier)


@pytest.mark.requirement("R5")
def test_a_person_is_issuer_and_subject() -> None:
    assert (
        derive_person_id("https://a", "x")
        != derive_person_id("https://b", "x")
        != derive_person_id("https://b", "y")
    )
    assert is_id(derive_person_id("https://a", "x"))
