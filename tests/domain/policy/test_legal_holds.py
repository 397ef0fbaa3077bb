"""Why something is held is always said, and at a length that can be read."""

from __future__ import annotations

import pytest

from portal.domain.errors import Invalid
from portal.domain.policy.legal_holds import MAX_REASON_CHARACTERS, parse_reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Case 12/7", "Case 12/7"), ("  Case \n 12/7\t", "Case 12/7"),
        ("x" * MAX_REASON_CHARACTERS, "x" * MAX_REASON_CHARACTERS),
        ("x " * (MAX_REASON_CHARACTERS // 2), ("x " * (MAX_REASON_CHARACTERS // 2)).strip()),
    ],
    ids=["short", "spaces", "longest", "longest with spaces"],
)  # fmt: skip
def test_a_reason_is_kept_as_one_line(text: str, reason: str) -> None:
    assert parse_reason(text) == reason


@pytest.mark.parametrize("text", ["", " ", "\n\t", "x" * (MAX_REASON_CHARACTERS + 1)])
def test_no_reason_and_one_too_long_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_reason(text)
    assert (refused.value.field, refused.value.reason) == ("reason", "no_reason")
