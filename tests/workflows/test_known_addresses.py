"""Addresses shared with before: remembered after the share, marked, forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal import queries
from portal.domain.audit import PORTAL, Action, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.people import Person
from portal.workflows import mail
from portal.workflows.engine import run
from portal.workflows.known_addresses import FORGET_ADDRESSES, Forget
from portal.workflows.recipients import ADD_RECIPIENTS, AddRecipients
from tests.builders import Running
from tests.doing import asked_by, mails, recorded, rows, shared, somebody, uploaded

ANA, BEN = somebody("Ana Lopes"), somebody("Ben Okoro", admin=True)


def suggested(portal: Running, typed: str, person: Person = ANA) -> list[str]:
    _, known = queries.suggestions(person, typed, portal.portal.services)
    return [each.address + (" came back" if each.came_back else "") for each in known]


def known_rows(portal: Running) -> list[dict[str, Any]]:
    return [item for item in rows(portal) if item["sk"]["S"].startswith("KNOWN#")]


def test_they_are_suggested_to_whoever_shared_with_them(portal: Running) -> None:
    """R45: to nobody else, an administrator among them; the last used first, each address once."""
    file = uploaded(portal, ANA)
    made = shared(portal, ANA, [file], recipients_text="Carol@example.com, cara@example.com")
    portal.clock.turn(minutes=1)
    shared(portal, ANA, [file], recipients_text="CAROL@example.com")
    portal.clock.turn(minutes=1)
    context = AddRecipients(**asked_by(ANA, portal), share_id=made.about, recipients_text="cass@x.example")
    run(ADD_RECIPIENTS, context, portal.portal.services)
    assert suggested(portal, "ca") == ["cass@x.example", "CAROL@example.com", "cara@example.com"]
    assert suggested(portal, "x.ex") == ["cass@x.example"]
    assert suggested(portal, "ca", BEN) == []


def test_the_largest_share_is_remembered_whole(portal: Running) -> None:
    """R62: after its own transaction, which has no room for that."""
    people = [f"p{number:02}@example.com" for number in range(50)]
    shared(portal, ANA, [uploaded(portal, ANA)], recipients_text="\n".join(people))
    kept = portal.portal.services.known.newest(ANA.id, 100)
    assert sorted(each.address for each in kept) == people
    ends = portal.clock() + timedelta(days=365)
    assert {item["ttl"]["N"] for item in known_rows(portal)} == {str(int(ends.timestamp()))}


def test_a_failing_memory_fails_no_share(portal: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(portal.portal.services.known, "remember", fails)
    shared(portal, ANA, [uploaded(portal, ANA)])
    assert len(mails(portal)) == 1
    assert suggested(portal, "partner") == []


@pytest.mark.parametrize("kind", ["bounce", "complaint"])
def test_who_did_not_get_the_last_mail_is_marked(portal: Running, kind: str) -> None:
    """R55: of the last share only, and until the address is shared with anew; news may come twice."""
    services, file = portal.portal.services, uploaded(portal, ANA)

    def news(made: Any, kind: str) -> None:
        found = services.shares.with_recipients(made.about)
        assert found is not None
        for _ in range(2):
            message_id = found[1][0].mail.message_id
            mail.feedback(services, kind, message_id, portal.clock(), "550 no such user")

    first = shared(portal, ANA, [file], recipients_text="carol@example.com")
    news(first, "delivery")
    assert suggested(portal, "carol") == ["carol@example.com"]
    news(first, kind)
    assert suggested(portal, "carol") == ["carol@example.com came back"]
    shared(portal, ANA, [file], recipients_text="carol@example.com")
    assert suggested(portal, "carol") == ["carol@example.com came back"]  # held back by now
    held = services.suppressed.of("carol@example.com")
    assert held is not None
    record = AuditRecord(portal.clock(), Action.ADDRESS_RELEASED, PORTAL, ANA.id)
    assert services.suppressed.release(held, record)
    second = shared(portal, ANA, [file], recipients_text="carol@example.com")
    news(first, kind)
    assert suggested(portal, "carol") == ["carol@example.com"]
    news(second, kind)
    assert suggested(portal, "carol") == ["carol@example.com came back"]


def test_forgetting_is_for_oneself_and_recorded(portal: Running) -> None:
    """I4, R62: more of them than one query or one transaction takes; marking one later brings it not back."""
    for person in (ANA, BEN):
        made = shared(portal, person, [uploaded(portal, person)], recipients_text="carol@example.com")
    many = [f"p{number:03}@example.com" for number in range(250)]
    portal.portal.services.known.remember(ANA.id, made.about, many, portal.clock())
    assert len(suggested(portal, "example.com")) == 8
    run(FORGET_ADDRESSES, Forget(**asked_by(ANA, portal), address="P001@example.com"), portal.portal.services)
    assert suggested(portal, "p001") == []
    assert suggested(portal, "p002") == ["p002@example.com"]
    run(FORGET_ADDRESSES, Forget(**asked_by(ANA, portal)), portal.portal.services)
    portal.portal.services.known.came_back(ANA.id, made.about, "p002@example.com")
    assert suggested(portal, "example.com") == []
    assert suggested(portal, "carol", BEN) == ["carol@example.com"]
    assert len(known_rows(portal)) == 1
    assert len(recorded(portal, "person.addresses_forgotten")) == 2
