"""Whom the first letters mean: words, domains, and never too many."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portal.domain.contacts.recipient_groups import Group
from portal.domain.contacts.suggestions import KnownAddress, find_matches

AT = datetime(2026, 11, 20, tzinfo=UTC)
KNOWN = [
    KnownAddress(each, "s", AT)
    for each in ("Carol.Diaz@acme.example", "dave@partner.example", "o'neil+x@xn--mnchen-3ya.example")
]
GROUPS = [Group("g", "ana", name, ("x@example.com",), AT) for name in ("Board of Acme", "Straße")]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ca", ["Carol.Diaz@acme.example"]),
        ("CAROL.d", ["Carol.Diaz@acme.example"]),
        ("diaz", ["Carol.Diaz@acme.example"]),
        ("acme", ["Board of Acme", "Carol.Diaz@acme.example"]),
        ("@acme.ex", ["Board of Acme", "Carol.Diaz@acme.example"][1:]),
        ("partner.example", ["dave@partner.example"]),
        ("neil", ["o'neil+x@xn--mnchen-3ya.example"]),
        ("STRASSE", ["Straße"]),
        ("of", ["Board of Acme"]),
        ("arol", []),
        ("c", []),
        ("  c ", []),
        ("@c", []),
        ("", []),
        (".*", []),
        ("\u202e\x00", []),
    ],
)
def test_what_begins_so_is_found(typed: str, found: list[str]) -> None:
    groups, addresses = find_matches(typed, KNOWN, GROUPS)
    assert [*(each.name for each in groups), *(each.address for each in addresses)] == found


@pytest.mark.requirement("R62")
def test_eight_at_most_and_the_last_used_first() -> None:
    """In the order they come, which is that of their last use; groups leave room for people."""
    known = [KnownAddress(f"p{number:02}@team.example", "s", AT) for number in range(50)]
    groups = [Group("g", "ana", f"Team {number}", ("x@example.com",), AT) for number in range(20)]
    some, addresses = find_matches("team", known, groups)
    assert [each.name for each in some] == ["Team 0", "Team 1", "Team 2"]
    assert addresses == known[:5]
