"""What one request may spend, by the clock it was given: no test of it waits, or depends on the machine."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from portal.aws.client.calls import clients
from portal.aws.client.table import CONFLICT_SECONDS
from portal.aws.tables.share_changes import WITHDRAW_SECONDS
from portal.domain.errors import Unavailable
from portal.domain.mail.mail_job import MailState
from portal.engine.workflow import run
from portal.workflows.mail import mail_jobs
from portal.workflows.people import account
from portal.workflows.shares import revoke
from tests.actions import list_mails, make_person, make_request, read_state, share_files, upload_file
from tests.builders import Running
from tests.slow_calls import slow_calls

ANA = make_person("Ana Lopes")


@pytest.mark.requirement("R53")
def test_sharing_leaves_to_the_schedule_what_it_has_no_time_to_mail(portal: Running) -> None:
    """Nothing is lost, and the page does not wait for it."""
    file = upload_file(portal, ANA)
    everybody = " ".join(f"partner{number}@example.com" for number in range(8))
    with slow_calls(portal, "sesv2", "SendEmail", 3):
        made = share_files(portal, ANA, [file], recipients_text=everybody.replace(" ", ", "))
    sent = len(list_mails(portal))
    assert 3 * (sent - 1) < mail_jobs.REQUEST_SECONDS <= 3 * sent
    found = portal.portal.services.shares.get_with_recipients(made.about)
    assert found is not None
    assert sum(each.mail.state is MailState.QUEUED for each in found[1]) == 8 - sent
    mail_jobs.send_due(portal.portal.services, lambda: 60.0)
    assert len(list_mails(portal)) == 8


@pytest.mark.requirement("R61")
def test_closing_an_account_leaves_to_the_schedule_what_it_has_no_time_for(portal: Running) -> None:
    portal.portal.services.people.record_visit(ANA, portal.clock(), record_of(portal))
    for _ in range(6):
        upload_file(portal, ANA)
    with slow_calls(portal, "s3", "DeleteObject", 5) as removed:
        context = account.CloseAccount(make_request(ANA, portal), confirmation=ANA.address)
        run(account.CLOSE_ACCOUNT, context, portal.portal.services)
    assert len(removed) == 3
    assert [person.id for person in portal.portal.services.people.list_closing(10)] == [ANA.id]
    account.remove_closed(portal.portal.services, lambda: 60.0)
    assert portal.portal.services.people.list_closing(10) == []


def record_of(running: Running) -> Any:
    return account.record(account.Action.SIGNED_IN, ANA, ANA.id, running.portal.services)


def conflict(**_: Any) -> Any:
    """What DynamoDB answers to a transaction that met another one."""
    error = {"Code": "TransactionCanceledException", "Message": "cancelled"}
    reasons = [{"Code": "TransactionConflict"}]
    return SimpleNamespace(status_code=400), {"Error": error, "CancellationReasons": reasons}


@pytest.mark.requirement("R60", "R63")
def test_a_transaction_that_always_meets_another_gives_up_in_time(portal: Running) -> None:
    """Tried again for some seconds, then said so; nothing is shared."""
    file, events = upload_file(portal, ANA), clients(portal.config.region, "").get("dynamodb").meta.events
    began = portal.clock()
    events.register("before-call.dynamodb.TransactWriteItems", conflict, unique_id="conflict")
    try:
        with pytest.raises(Unavailable):
            share_files(portal, ANA, [file])
    finally:
        events.unregister("before-call.dynamodb.TransactWriteItems", unique_id="conflict")
    waited = (portal.clock() - began).total_seconds()
    assert CONFLICT_SECONDS < waited < CONFLICT_SECONDS + 2
    assert [item["pk"]["S"] for item in read_state(portal) if item["pk"]["S"].startswith("SHARE#")] == []


@pytest.mark.requirement("R48", "R60")
def test_withdrawing_from_a_share_that_never_rests_gives_up_in_time(portal: Running) -> None:
    """Each time round someone else has changed the share."""
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    changes, began = portal.portal.services.changes, portal.clock()

    class NeverAtRest:
        def get_with_recipients(self, share_id: str) -> Any:
            portal.clock.turn(seconds=1)
            share, recipients = portal.portal.services.shares.get_with_recipients(share_id) or pytest.fail(
                "gone"
            )
            return replace(share, version=share.version - 1), recipients

    busy = replace(portal.portal.services, changes=type(changes)(changes.table, NeverAtRest()))  # type: ignore
    with pytest.raises(Unavailable):
        run(revoke.WITHDRAW_SHARE, revoke.Withdraw(make_request(ANA, portal), share_id=made.about), busy)
    assert (portal.clock() - began).total_seconds() == WITHDRAW_SECONDS
