"""Which files are accepted, and for how long they may be kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.domain.errors import Invalid, TooLarge
from portal.domain.policy.file_rules import check_kind, check_life, check_size, list_keep_days, list_lives
from portal.domain.policy.limits import Limits


@pytest.mark.parametrize(
    ("name", "blocked", "allowed", "is_accepted"),
    [
        ("a.pdf", (), None, True), ("a.PDF", ("pdf",), None, False), ("a.pdf", ("exe",), None, True),
        ("a.pdf", (), ("pdf",), True), ("a.txt", (), ("pdf",), False), ("a", (), ("pdf",), False),
        ("a.pdf", ("pdf",), ("pdf",), False), ("a", ("pdf",), None, True), ("a.pdf", (), (), False),
    ],
)  # fmt: skip
def test_a_kind_is_accepted_unless_it_is_blocked_or_others_alone_are_allowed(
    name: str, blocked: tuple[str, ...], allowed: tuple[str, ...] | None, is_accepted: bool
) -> None:
    limits = Limits(blocked_kinds=blocked, allowed_kinds=allowed)
    if is_accepted:
        check_kind(name, limits)
    else:
        with pytest.raises(Invalid):
            check_kind(name, limits)


def test_a_file_may_be_as_large_as_the_limit() -> None:
    check_size(5, Limits(max_file_bytes=5))
    with pytest.raises(TooLarge):
        check_size(6, Limits(max_file_bytes=5))


@pytest.mark.parametrize(
    ("usual", "most", "offered"),
    [
        (90, 365, (1, 7, 30, 90, 180, 365)), (60, 90, (1, 7, 30, 60, 90)), (90, 89, (1, 7, 30, 89)),
        (5, 6, (1, 5)), (90, 6, (1, 6)), (1, 1, (1,)), (90, 36500, (1, 7, 30, 90, 180, 365, 36500)),
    ],
)  # fmt: skip
def test_a_file_is_kept_for_one_of_the_periods_that_the_policy_leaves(
    usual: int, most: int, offered: tuple[int, ...]
) -> None:
    limits = Limits(file_days=usual, max_file_days=most)
    assert list_keep_days(limits) == offered
    assert list_lives(limits) == (timedelta(hours=1), *(timedelta(days=each) for each in offered))
    for life in list_lives(limits):
        check_life(life, limits)
    for life in (timedelta(days=max(offered) + 1), timedelta(0), timedelta(hours=2), timedelta(days=-1)):
        with pytest.raises(Invalid):
            check_life(life, limits)
