"""Codes, masks of addresses and password hashes, by themselves (R13, R44, R45)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain import codes, passwords
from portal.domain.codes import CodeKeys
from portal.domain.proofs import masked

OLD, NEW = "an old secret of the portal's own making", "a new secret of the portal's own making"
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_a_code_of_an_older_key_still_fits() -> None:
    """R13: and one of a foreign key does not."""
    mark = CodeKeys.from_secrets([OLD]).mark("123456", ["share", "browser"])
    assert CodeKeys.from_secrets([NEW, OLD]).fits(mark, "123456", ["share", "browser"])
    assert not CodeKeys.from_secrets([NEW]).fits(mark, "123456", ["share", "browser"])


@pytest.mark.parametrize(
    ("code", "bound_to"),
    [("123457", ["share", "browser"]), ("123456", ["share", "other"]), ("123456", ["share"]), ("", [])],
)
def test_a_mark_is_of_one_code_and_what_it_is_bound_to(code: str, bound_to: list[str]) -> None:
    """R44."""
    keys = CodeKeys.from_secrets([OLD])
    assert not keys.fits(keys.mark("123456", ["share", "browser"]), code, bound_to)
    assert not keys.fits("", code, bound_to)


def test_new_codes_are_six_digits_and_differ() -> None:
    made = {codes.new_code() for _ in range(200)}
    assert len(made) > 190
    assert all(codes.typed(code) == code for code in made)


@given(st.lists(st.integers(0, 7200), max_size=12).map(sorted))
def test_no_hour_has_more_than_five(seconds: list[int]) -> None:
    """R44: whenever one is asked for, in any hour that moves along."""
    sent: tuple[datetime, ...] = ()
    for second in seconds:
        at = NOW + timedelta(seconds=second)
        if not codes.wait_seconds(sent, at):
            sent = (*sent, at)
    for first in sent:
        assert len([at for at in sent if first <= at < first + codes.HOUR]) <= codes.CODES_AN_HOUR


@given(st.integers(0, 7200))
def test_after_the_wait_one_may_be_sent(second: int) -> None:
    sent = tuple(NOW + timedelta(minutes=place) for place in range(5))
    at = NOW + timedelta(seconds=second)
    wait = codes.wait_seconds(sent, at)
    assert not codes.wait_seconds(sent, at + timedelta(seconds=wait))


@given(st.emails())
def test_a_mask_shows_two_letters_and_the_end(address: str) -> None:
    """R45."""
    local, _, domain = address.rpartition("@")
    assert masked(address) == f"{local[0]}•••@{domain[0]}•••.{domain.rpartition('.')[2]}"


def test_passwords_are_salted_and_forgive_how_they_are_typed() -> None:
    first, second = passwords.hashed("Äpfel und Birnen"), passwords.hashed("Äpfel und Birnen")
    assert first != second
    assert passwords.fits(" A\u0308pfel und Birnen\n", first)
    assert not passwords.fits("äpfel und Birnen", first)
