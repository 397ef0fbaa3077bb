"""The end of an account: everything of theirs goes, nothing of anyone else's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest

from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.errors import Invalid, NotFound
from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.workflows.files import owned_files
from portal.workflows.people import account
from portal.workflows.upkeep.sweep import sweep
from tests.actions import (
    link_token,
    list_objects,
    list_records,
    list_rows,
    make_person,
    make_request,
    reserve_file,
    share_files,
    upload_file,
    visit_link,
)
from tests.builders import Running
from tests.receiver import name_webhook

pytestmark = pytest.mark.requirement("R61")

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")


def record_sign_in(portal: Running, person: Person) -> None:
    record = AuditRecord(portal.clock(), Action.SIGNED_IN, Actor("person", person.id), person.id)
    portal.portal.services.people.record_visit(person, portal.clock(), record)


def close(portal: Running, confirmation: str = ANA.address) -> None:
    context = account.CloseAccount(make_request(ANA, portal), confirmation=confirmation)
    run(account.CLOSE_ACCOUNT, context, portal.portal.services)


def list_keys_left(portal: Running, person: Person) -> list[str]:
    """Keys of items in the person's partition or that name them as owner, but for the audit log, and
    for counters of how often somebody did something, which go by themselves within the hour.
    """
    kept = [item for item in list_rows(portal) if not item["pk"]["S"].startswith(("AUDIT#", "RATE#"))]
    return [
        item["pk"]["S"] for item in kept
        if person.id in item["pk"]["S"] or item.get("owner_id") == {"S": person.id}
    ]  # fmt: skip


@pytest.fixture
def life(portal: Running) -> str:
    """Two people with files and shares; the token of one of Ana's links."""
    for person in (ANA, BEN):
        record_sign_in(portal, person)
        share_files(portal, person, [upload_file(portal, person)])
    name_webhook(portal, ANA)
    reserve_file(portal, ANA)
    trashed = upload_file(portal, ANA, "old.pdf")
    run(
        owned_files.TRASH,
        owned_files.ChangeFile(make_request(ANA, portal), file_id=trashed.id),
        portal.portal.services,
    )
    return link_token(portal, share_files(portal, ANA, [upload_file(portal, ANA, "b.pdf")]))


def test_everything_of_theirs_goes_and_nothing_else(portal: Running, life: str) -> None:
    close(portal)
    assert list_keys_left(portal, ANA) == []
    assert [key.split("/")[1] for key in list_objects(portal)] == [BEN.id]
    with pytest.raises(NotFound):
        visit_link(portal, life)
    totals = portal.portal.services.people.get_totals()
    assert (totals.people, totals.files) == (1, 1)
    assert len(list_records(portal, "person.account_removed")) == 1


def test_another_address_confirms_nothing(portal: Running, life: str) -> None:
    before = list_rows(portal)
    with pytest.raises(Invalid):
        close(portal, BEN.address)
    assert len(list_rows(portal)) == len(before) + 1  # the refusal's record


def ending_after(calls: int) -> Callable[[], float]:
    """Seconds left that run out after so many looks at the clock."""
    looks = count()
    return lambda: 60.0 if next(looks) < calls else 0.0


def test_a_removal_that_runs_out_of_time_goes_on(portal: Running, life: str) -> None:
    """Cut off after every possible number of pieces, the next runs finish it."""
    services = portal.portal.services
    record = AuditRecord(portal.clock(), Action.ACCOUNT_CLOSED, Actor("person", ANA.id), ANA.id)
    services.people.close(ANA, portal.clock(), record)
    for looks in range(1, 12):
        account.remove_closed(services, ending_after(looks % 3))
    sweep(services, lambda: 60.0)
    assert list_keys_left(portal, ANA) == []
    assert services.people.list_closing(10) == []


def test_nothing_typed_confirms_nothing(portal: Running) -> None:
    """Also of someone whose provider says no address; then the name is typed."""
    nameless = replace(ANA, address="")
    record_sign_in(portal, nameless)
    for typed in ("", "  ", ANA.address):
        context = account.CloseAccount(make_request(nameless, portal), confirmation=typed)
        with pytest.raises(Invalid):
            run(account.CLOSE_ACCOUNT, context, portal.portal.services)
    context = account.CloseAccount(make_request(nameless, portal), confirmation="ana lopes")
    run(account.CLOSE_ACCOUNT, context, portal.portal.services)
    assert list_keys_left(portal, ANA) == []
