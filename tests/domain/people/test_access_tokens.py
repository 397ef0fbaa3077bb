"""The form of access tokens: found by scanners, and known from what only looks alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ids import derive_id
from portal.domain.people.access_tokens import PREFIX, hash_secret, make_token, parse_token

OWNER, TOKEN_ID = derive_id("owner"), derive_id("token")


def test_a_token_says_whose_it_is_and_fits_its_own_hash_alone() -> None:
    made, other = make_token(OWNER, TOKEN_ID), make_token(OWNER, TOKEN_ID)
    assert parse_token(made.text) == made
    assert made.text.startswith(PREFIX)
    assert made.secret != other.secret
    assert hash_secret(made.secret) != hash_secret(other.secret)


@given(place=st.integers(0, len(make_token(OWNER, TOKEN_ID).text) - 1), letter=st.characters(codec="ascii"))
def test_one_changed_letter_is_noticed(place: int, letter: str) -> None:
    text = make_token(OWNER, TOKEN_ID).text
    changed = text[:place] + letter + text[place + 1 :]
    assert (parse_token(changed) is None) == (changed != text)


@given(text=st.text(max_size=20), beginning=st.sampled_from(["", PREFIX]))
def test_any_other_text_is_none(text: str, beginning: str) -> None:
    assert parse_token(beginning + text) is None
