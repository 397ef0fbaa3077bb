"""A list of people to invite: each line is read once, and none is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.people.invitations import MAX_LINES, Fate, InvitationLine, parse_invitations, parse_list


def read_one(text: str) -> InvitationLine:
    (line,) = parse_invitations(text)
    return line


@pytest.mark.parametrize(
    "text",
    ["ben@example.org,Ben Okoro", "Ben Okoro;ben@example.org", "Ben Okoro\t<ben@example.org>",
     '"Ben Okoro", ben@example.org', "\ufeffEmail,Name\nben@example.org,Ben Okoro",
     "\u200bben@example.org\u200b ; Ben Okoro"],
)  # fmt: skip
def test_address_and_name_are_found_however_they_are_separated(text: str) -> None:
    line = read_one(text)
    assert (line.address, line.name, line.fate) == ("ben@example.org", "Ben Okoro", Fate.WAITING)


@pytest.mark.parametrize(
    ("text", "fate"),
    [("nobody", Fate.NO_ADDRESS), ("a@example.org;b@example.org", Fate.NO_ADDRESS),
     ("@", Fate.NO_ADDRESS), ("ben@example.org;=1+1", Fate.FORMULA), ("+ben@example.org", Fate.FORMULA),
     ("-1,ben@example.org", Fate.FORMULA), ("@SUM(A1),ben@example.org", Fate.FORMULA)],
)  # fmt: skip
def test_what_is_wrong_with_a_line_is_said(text: str, fate: Fate) -> None:
    assert read_one(text).fate is fate


def test_the_second_of_two_is_not_invited() -> None:
    lines = parse_invitations("\n".join(["a@example.org", "A@EXAMPLE.ORG"]))
    assert [each.fate for each in lines] == [Fate.WAITING, Fate.TWICE]


@pytest.mark.requirement("I9", "R62")
@pytest.mark.parametrize("heading", ["", "E-Mail;Name\n"])
@pytest.mark.parametrize("many", [1, MAX_LINES, MAX_LINES + 1, 100_000])
def test_so_many_are_read_at_a_time_and_the_others_stay_as_they_are(many: int, heading: str) -> None:
    written = [f"p{each}@example.org" for each in range(many)]
    listed = parse_list(heading + "\n\n".join(written))
    assert [each.address for each in listed.lines] == written[:MAX_LINES]
    assert list(listed.rest) == written[MAX_LINES:]


@given(st.text(max_size=300))
def test_every_line_has_one_fate(text: str) -> None:
    lines = parse_invitations(text)
    assert [each.number for each in lines] == sorted({each.number for each in lines})
    written = sum(bool(each.strip()) for each in text.replace("\ufeff", "").splitlines())
    assert len(lines) >= written - 1  # without headings
    for each in lines:
        assert each.fate is not Fate.WAITING or "@" in each.address
