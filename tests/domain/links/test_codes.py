"""Codes and masks of addresses, by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.links import codes
from portal.domain.links.codes import CodeKeys, parse_code
from portal.domain.links.proofs import mask_address

pytestmark = pytest.mark.requirement("R13", "R44", "R45")

OLD, NEW = "an old secret of the portal's own making", "a new secret of the portal's own making"
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_a_code_of_an_older_key_still_fits() -> None:
    """And one of a foreign key does not."""
    mark = CodeKeys.from_secrets([OLD]).mark("123456", ["share", "browser"])
    assert CodeKeys.from_secrets([NEW, OLD]).verify(mark, "123456", ["share", "browser"])
    assert not CodeKeys.from_secrets([NEW]).verify(mark, "123456", ["share", "browser"])


@pytest.mark.parametrize(
    ("code", "bound_to"),
    [("123457", ["share", "browser"]), ("123456", ["share", "other"]), ("123456", ["share"]), ("", [])],
)
def test_a_mark_is_of_one_code_and_what_it_is_bound_to(code: str, bound_to: list[str]) -> None:
    keys = CodeKeys.from_secrets([OLD])
    assert not keys.verify(keys.mark("123456", ["share", "browser"]), code, bound_to)
    assert not keys.verify("", code, bound_to)


@pytest.mark.requirement("R70")
@pytest.mark.parametrize(
    "text",
    [
        "123456", " 123 456 ", "123-456", "12.34.56", "\uff11\uff12\uff13\uff14\uff15\uff16",
        "\u0661\u0662\u0663\u0664\u0665\u0666", "\u06f1\u06f2\u06f3\u3000\u06f4\u06f5\u06f6",
        "\u0967\u0968\u0969\u096a\u096b\u096c", "\u202a123456\u202c", "123\u2011456", "123\u200b456\ufeff",
        "\uff11\uff12\uff13\uff0d\uff14\uff15\uff16",
    ],
)  # fmt: skip
def test_a_code_is_typed_in_the_digits_of_any_keyboard(text: str) -> None:
    assert parse_code(text) == "123456"


@pytest.mark.parametrize(
    "text", ["", "12345", "1234567", "12345a", "\u00b2\u00b3\u00b9456", "\u2460\u246123456", "+23456"]
)
def test_what_is_no_code(text: str) -> None:
    assert parse_code(text) is None


def test_new_codes_are_six_digits_and_differ() -> None:
    made = {codes.new_code() for _ in range(200)}
    assert len(made) > 190
    assert all(codes.parse_code(code) == code for code in made)


@given(st.lists(st.integers(0, 7200), max_size=12).map(sorted))
def test_no_hour_has_more_than_five(seconds: list[int]) -> None:
    """Whenever one is asked for, in any hour that moves along."""
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
    local, _, domain = address.rpartition("@")
    assert mask_address(address) == f"{local[0]}•••@{domain[0]}•••.{domain.rpartition('.')[2]}"
