"""What one browser has shown for one link, and what is still to be shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.links.proofs import (
    ADDRESS,
    PASSWORD,
    Proof,
    is_recipient,
    is_sender_only,
    lacking,
    password_step,
)
from portal.domain.people.person import Person
from portal.domain.shares.share import Recipient, Share

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHARE = Share(
    "share", "owner", "Ana Lopes", "ana@example.org", (), "", NOW, NOW, confirm=True, password_hash="hash"
)
BEN = Recipient("ben", "share", "ben@example.com", generation=2)
STEPS = frozenset({ADDRESS, password_step(SHARE)})
PROOF = Proof("share", "ben", 2, NOW + timedelta(hours=1), STEPS)
PERSON = Person("person", "subject", "Ben", "Ben@EXAMPLE.com", address_verified=True)


@pytest.mark.parametrize(
    ("changes", "later", "is_valid"),
    [
        ({}, timedelta(), True), ({}, timedelta(minutes=59, seconds=59), True),
        ({}, timedelta(hours=1), False),
        ({"share_id": "other"}, timedelta(), False), ({"recipient_id": "other"}, timedelta(), False),
        ({"generation": 1}, timedelta(), False),
    ],
)  # fmt: skip
def test_a_proof_is_of_one_link_for_an_hour(
    changes: dict[str, object], later: timedelta, is_valid: bool
) -> None:
    proof = replace(PROOF, **changes)  # type: ignore[arg-type]
    assert proof.is_valid(SHARE, BEN, NOW + later) is is_valid
    assert lacking(SHARE, BEN, None, proof, NOW + later) == ("" if is_valid else ADDRESS)


@pytest.mark.parametrize(
    ("confirm", "password", "person", "steps", "lacks"),
    [
        (True, "hash", None, set(), ADDRESS), (True, "hash", None, {ADDRESS}, PASSWORD),
        (True, "hash", None, STEPS - {ADDRESS}, ADDRESS), (True, "hash", None, STEPS, ""),
        (True, "another hash", None, STEPS, PASSWORD), (True, "", None, {ADDRESS}, ""),
        (False, "hash", None, set(), PASSWORD), (False, "", None, set(), ""),
        (True, "", PERSON, set(), ""), (True, "hash", PERSON, set(), PASSWORD),
        (True, "", replace(PERSON, address_verified=False), set(), ADDRESS),
        (True, "", replace(PERSON, address="ana@example.com"), set(), ADDRESS),
    ],
)  # fmt: skip
def test_the_address_is_shown_before_the_password(
    confirm: bool, password: str, person: Person | None, steps: set[str], lacks: str
) -> None:
    share = replace(SHARE, confirm=confirm, password_hash=password)
    assert lacking(share, BEN, person, replace(PROOF, steps=frozenset(steps)), NOW) == lacks
    if not steps:
        assert lacking(share, BEN, person, None, NOW) == lacks


def test_the_sender_sees_what_others_were_sent_and_presses_nothing() -> None:
    owner = replace(PERSON, id="owner", address="ana@example.org")
    assert is_sender_only(SHARE, BEN, owner)
    assert not is_sender_only(SHARE, BEN, replace(owner, address="ben@example.com"))
    assert not is_sender_only(SHARE, BEN, PERSON)
    assert not is_sender_only(SHARE, BEN, None)
    assert not is_recipient(None, BEN)
