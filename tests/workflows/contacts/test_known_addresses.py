"""Addresses shared with before: remembered after the share, marked, forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.errors import MailsUsedUp, NotFound
from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.queries.contacts import suggest_recipients
from portal.workflows.contacts.known_addresses import FORGET_ADDRESSES, Forget
from portal.workflows.mail import mail_jobs
from portal.workflows.shares.adding import ADD_RECIPIENTS
from portal.workflows.shares.recipients import AddRecipients
from tests.actions import (
    list_records,
    list_rows,
    make_person,
    make_request,
    share_files,
    upload_file,
)
from tests.builders import Running

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro", admin=True)


def suggest(portal: Running, typed: str, person: Person = ANA) -> list[str]:
    _, known = suggest_recipients(person, typed, portal.portal.services)
    return [each.address + (" came back" if each.came_back else "") for each in known]


def list_known_rows(portal: Running) -> list[dict[str, Any]]:
    return [item for item in list_rows(portal) if item["sk"]["S"].startswith("KNOWN#")]


@pytest.mark.requirement("R45")
def test_they_are_suggested_to_whoever_shared_with_them(portal: Running) -> None:
    """To nobody else, an administrator among them; the last used first, each address once."""
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], recipients_text="Carol@example.com, cara@example.com")
    portal.clock.turn(minutes=1)
    share_files(portal, ANA, [file], recipients_text="CAROL@example.com")
    portal.clock.turn(minutes=1)
    context = AddRecipients(make_request(ANA, portal), share_id=made.about, recipients_text="cass@x.example")
    run(ADD_RECIPIENTS, context, portal.portal.services)
    assert suggest(portal, "ca") == ["cass@x.example", "CAROL@example.com", "cara@example.com"]
    assert suggest(portal, "x.ex") == ["cass@x.example"]
    assert suggest(portal, "ca", BEN) == []


@pytest.mark.requirement("R62")
def test_the_largest_share_is_remembered_whole(portal: Running) -> None:
    """After its own transaction, which has no room for that."""
    people = [f"p{number:02}@example.com" for number in range(50)]
    share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text="\n".join(people))
    kept = portal.portal.services.known.list_newest(ANA.id, 100)
    assert sorted(each.address for each in kept) == people
    ends = portal.clock() + timedelta(days=365)
    assert {item["ttl"]["N"] for item in list_known_rows(portal)} == {str(int(ends.timestamp()))}


def test_what_is_not_shared_is_not_remembered(portal: Running) -> None:
    """The addresses are written with the share, or not at all."""
    services, file = portal.portal.services, upload_file(portal, ANA)
    none_left = replace(services, limits=replace(services.limits, max_mails_a_day=0))
    with pytest.raises(MailsUsedUp):
        share_files(replace(portal, portal=replace(portal.portal, services=none_left)), ANA, [file])
    assert list_known_rows(portal) == []
    assert services.known.get_domains(ANA.id) == frozenset()


@pytest.mark.parametrize("people", [1, 2, 50])
def test_everybody_shared_with_is_remembered(portal: Running, people: int) -> None:
    """Also where that is more than one transaction has room for, and a domain that is known already."""
    files = [upload_file(portal, ANA, f"{number}.txt") for number in range(20)]
    addresses = [f"person-{number}@{number % 3}.example" for number in range(people)]
    for _ in range(2):
        share_files(portal, ANA, files, recipients_text=", ".join(addresses))
    assert len(list_known_rows(portal)) == people
    domains = {address.partition("@")[2] for address in addresses}
    assert portal.portal.services.known.get_domains(ANA.id) == domains


@pytest.mark.requirement("R55")
@pytest.mark.parametrize("kind", ["bounce", "complaint"])
def test_who_did_not_get_the_last_mail_is_marked(portal: Running, kind: str) -> None:
    """Of the last share only, and until the address is shared with again; news may come twice."""
    services, file = portal.portal.services, upload_file(portal, ANA)

    def news(made: Any, kind: str) -> None:
        found = services.shares.get_with_recipients(made.about)
        assert found is not None
        for _ in range(2):
            message_id = found[1][0].mail.message_id
            mail_jobs.record_feedback(services, kind, message_id, portal.clock(), "550 no such user")

    first = share_files(portal, ANA, [file], recipients_text="carol@example.com")
    news(first, "delivery")
    assert suggest(portal, "carol") == ["carol@example.com"]
    news(first, kind)
    assert suggest(portal, "carol") == ["carol@example.com came back"]
    share_files(portal, ANA, [file], recipients_text="carol@example.com")
    assert suggest(portal, "carol") == ["carol@example.com came back"]  # held back by now
    held = services.suppression_list.get("carol@example.com")
    assert held is not None
    record = AuditRecord(portal.clock(), Action.ADDRESS_RELEASED, PORTAL, ANA.id)
    assert services.suppression_list.release(held, record)
    second = share_files(portal, ANA, [file], recipients_text="carol@example.com")
    news(first, kind)
    assert suggest(portal, "carol") == ["carol@example.com"]
    news(second, kind)
    assert suggest(portal, "carol") == ["carol@example.com came back"]


@pytest.mark.requirement("R62", "I4")
def test_forgetting_is_for_oneself_and_recorded(portal: Running) -> None:
    """More of them than one query or one transaction takes; marking one later brings it not back."""
    for person in (ANA, BEN):
        made = share_files(portal, person, [upload_file(portal, person)], recipients_text="carol@example.com")
    many = [f"p{number:03}@example.com" for number in range(250)]
    portal.portal.services.known.remember(ANA.id, made.about, many, portal.clock())
    assert len(suggest(portal, "example.com")) == 8
    run(
        FORGET_ADDRESSES,
        Forget(make_request(ANA, portal), address="P001@example.com"),
        portal.portal.services,
    )
    assert suggest(portal, "p001") == []
    assert suggest(portal, "p002") == ["p002@example.com"]
    with pytest.raises(NotFound):
        run(FORGET_ADDRESSES, Forget(make_request(ANA, portal), address="nobody"), portal.portal.services)
    assert suggest(portal, "p002") == ["p002@example.com"]
    run(FORGET_ADDRESSES, Forget(make_request(ANA, portal)), portal.portal.services)
    portal.portal.services.known.mark_bounced(ANA.id, made.about, "p002@example.com")
    assert suggest(portal, "example.com") == []
    assert suggest(portal, "carol", BEN) == ["carol@example.com"]
    assert len(list_known_rows(portal)) == 1
    one, refused, every = list_records(portal, "person.addresses_forgotten")
    assert one["details"]["M"]["to"]["S"] == "P001@example.com"
    assert refused["outcome"]["S"] == "refused"
    assert "to" not in every["details"]["M"]
