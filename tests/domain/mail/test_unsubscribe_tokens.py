"""An address that switches emails off switches what it names, and nothing else."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.mail.notifications import SWITCHES, NotificationKind
from portal.domain.mail.unsubscribe_tokens import SwitchKeys

pytestmark = pytest.mark.requirement("R13")

OLD, NEW = "an old secret of the portal's own making", "a new secret of the portal's own making"
ANA = "0" * 26
places = st.integers(0, 90)


@pytest.mark.parametrize("kinds", [some for count in range(1, 5) for some in combinations(SWITCHES, count)])
def test_an_address_switches_what_it_names(kinds: tuple[NotificationKind, ...]) -> None:
    token = SwitchKeys.from_secrets([OLD]).token(ANA, kinds)
    assert token == SwitchKeys.from_secrets([OLD]).token(ANA, reversed(kinds * 2))
    for known, is_known in ([OLD], True), ([NEW, OLD], True), ([NEW], False):
        found = SwitchKeys.from_secrets(known).verify(token)
        assert found == ((ANA, frozenset(kinds)) if is_known else None)


def test_what_cannot_be_switched_is_not() -> None:
    keys = SwitchKeys.from_secrets([OLD])
    kinds = [NotificationKind.THREAT, NotificationKind.ASKED]
    assert keys.verify(keys.token(ANA, kinds)) == (ANA, frozenset({NotificationKind.ASKED}))
    assert keys.verify(keys.token("l" * 26, kinds)) is None  # no id


@given(places, st.sampled_from("0aAlé.\n"))
def test_a_changed_address_switches_nothing(place: int, letter: str) -> None:
    keys = SwitchKeys.from_secrets([OLD])
    token = keys.token(ANA, [NotificationKind.ASKED])
    changed = token[:place] + letter + token[place + 1 :]
    assert (keys.verify(changed) is not None) == (changed == token)
    assert keys.verify(token + letter) is None
