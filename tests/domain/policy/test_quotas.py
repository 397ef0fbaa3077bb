"""What is left of quotas, and what is said where that is not enough."""

from __future__ import annotations

import pytest

from portal.domain.people.person import Usage
from portal.domain.policy.limits import Limits
from portal.domain.policy.quotas import Allowance, OverQuota


@pytest.mark.parametrize(
    ("person", "together", "mine", "all_have", "left"),
    [
        (None, None, 5, 9, None), (10, None, 4, 9, 6), (None, 10, 4, 9, 1), (10, 20, 4, 9, 6),
        (10, 12, 4, 9, 3), (10, 20, 11, 11, 0), (10, 8, 1, 9, 0), (10, 10, 10, 10, 0),
    ],
)  # fmt: skip
def test_what_is_left_is_the_smaller_of_ones_own_and_everyones(
    person: int | None, together: int | None, mine: int, all_have: int, left: int | None
) -> None:
    """Of files and of bytes alike, and each for itself."""
    files = Limits(max_person_files=person, max_total_files=together)
    found = Allowance.from_usage(files, Usage(mine, 70), Usage(all_have, 700))
    assert (found.files, found.max_files, found.files_left) == (mine, person, left)
    assert (found.bytes, found.max_bytes, found.bytes_left) == (70, None, None)
    size = Limits(max_person_bytes=person, max_total_bytes=together)
    found = Allowance.from_usage(size, Usage(70, mine), Usage(700, all_have))
    assert (found.bytes, found.max_bytes, found.bytes_left) == (mine, person, left)
    assert (found.files, found.max_files, found.files_left) == (70, None, None)


@pytest.mark.parametrize(
    ("files_left", "bytes_left", "params"),
    [
        (2, 5, {"left": 2, "needed": 3}), (3, 5, {"left_bytes": 5, "needed_bytes": 9}),
        (None, 5, {"left_bytes": 5, "needed_bytes": 9}), (4, None, {"left_bytes": 0, "needed_bytes": 9}),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_of_what_there_is_too_little_of(
    files_left: int | None, bytes_left: int | None, params: dict[str, int]
) -> None:
    assert OverQuota(Allowance(0, 0, None, None, files_left, bytes_left), 3, 9).params == params


@pytest.mark.parametrize("own", [0, 3, 30])
@pytest.mark.parametrize("of_the_policy", [None, 10])
def test_a_limit_of_ones_own_counts_instead_of_the_policys(own: int, of_the_policy: int | None) -> None:
    """Whether it is less or more, of files and of bytes, each for itself."""
    limits = Limits(max_person_files=of_the_policy, max_person_bytes=of_the_policy)
    both = Allowance.from_usage(limits, Usage(2, 2, max_files=own, max_bytes=own), Usage(9, 9))
    assert (both.max_files, both.max_bytes) == (own, own)
    assert (both.files_left, both.bytes_left) == (max(0, own - 2), max(0, own - 2))
    files = Allowance.from_usage(limits, Usage(2, 2, max_files=own), Usage(9, 9))
    assert (files.max_files, files.max_bytes) == (own, of_the_policy)
