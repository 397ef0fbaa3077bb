"""How a file is cut into parts."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.domain.policy.limits import OBJECT_BYTES, PART_BYTES_LEAST, SINGLE_POST_BYTES
from portal.domain.uploads.parts import MAX_PARTS, MIB, Part, missing, part_bytes, part_count, size_of
from tests.moments import BEGINS

pytestmark = pytest.mark.requirement("R31")

SIZES = st.integers(1, OBJECT_BYTES)


@given(SIZES, st.integers(PART_BYTES_LEAST, SINGLE_POST_BYTES // 8))
def test_any_size_fits_in_ten_thousand_parts_that_s3_takes(size: int, least: int) -> None:
    """Each from 5 MiB to 5 GiB, the last from one byte; together they are the file."""
    each = part_bytes(size, least)
    count = part_count(size, each)
    assert 1 <= count <= MAX_PARTS
    assert PART_BYTES_LEAST <= each <= SINGLE_POST_BYTES
    assert 1 <= size_of(count, size, each) <= each
    assert (count - 1) * each + size_of(count, size, each) == size


@pytest.mark.parametrize(
    ("size", "each", "count"),
    [
        (64 * MIB + 1, 11 * MIB, 6),
        (96 * MIB, 8 * MIB, 12),
        (500 * MIB, 9 * MIB, 56),
        (512 * MIB, 43 * MIB, 12),
        (1024 * MIB, 35 * MIB, 30),
        (OBJECT_BYTES, 525 * MIB, 9987),
    ],
)
def test_parts_grow_with_the_file_and_six_connections_finish_together(
    size: int, each: int, count: int
) -> None:
    """By whole mebibytes: the last round may lack a few."""
    assert part_bytes(size, 8 * MIB) == each
    assert part_count(size, each) == count


@example(size=5 * 8 * MIB + 1, least=8 * MIB)  # the sixth part is one byte
@example(size=26_214_406, least=5_242_881)
@given(SIZES, st.integers(PART_BYTES_LEAST, SINGLE_POST_BYTES // 8))
def test_a_part_is_never_smaller_than_was_asked_for(size: int, least: int) -> None:
    assert part_bytes(size, least) >= least


def part(number: int, size: int) -> Part:
    return Part(number, size, "e", "", BEGINS)


def test_a_part_of_another_size_is_as_good_as_missing() -> None:
    """One too short, one too long, one beyond the last, and the last as it must be."""
    found = [part(1, 10), part(2, 9), part(3, 11), part(5, 3), part(6, 10)]
    assert missing(found, 43, 10) == [2, 3, 4]
    assert missing([], 21, 10) == [1, 2, 3]
    assert missing([part(1, 10), part(2, 10), part(3, 1)], 21, 10) == []
