"""What the schedule leaves for the administrators' page: how the service does, and who and what had most."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from portal.aws.client.calls import clients
from portal.aws.client.table import Table
from portal.aws.sqs.dead_letters import DeadLetters
from portal.aws.tables.usage_table import changes_as_writes
from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.files.lifetimes import find_look_at_ready
from portal.domain.mail.account_problems import MailTrouble
from portal.domain.usage.attention import ServiceState
from portal.domain.usage.figures import Figure, Kind
from portal.domain.usage.folding import fold
from portal.workflows.upkeep import sweep
from portal.workflows.upkeep.service_state import report_state
from portal.workflows.upkeep.usage_tops import keep_tops
from tests.actions import make_person, upload_file
from tests.builders import Running

ANA = make_person("Ana Lopes")


def minutes() -> float:
    return 60.0


def read_state(portal: Running) -> ServiceState:
    state = portal.portal.services.usage.read([]).state
    assert state is not None
    return state


def test_each_sweep_says_when_it_came_and_what_it_left(portal: Running) -> None:
    services = portal.portal.services
    sweep.sweep(services, minutes)
    assert read_state(portal) == ServiceState(portal.clock())
    portal.clock.turn(minutes=1)
    services.mail_troubles.note(MailTrouble.PAUSED, portal.clock())
    report_state(services)
    (trouble,) = read_state(portal).troubles
    assert (trouble.kind, trouble.first_at) == (MailTrouble.PAUSED, portal.clock())


def test_work_that_waits_is_told_by_its_age(portal: Running) -> None:
    file = upload_file(portal, ANA)
    portal.clock.turn(days=100)
    report_state(portal.portal.services)
    assert read_state(portal).oldest_due == {"file": find_look_at_ready(file)}


def test_dead_letters_are_counted_where_there_is_a_queue(portal: Running) -> None:
    made = clients(portal.config.region)
    url = made.get("sqs").create_queue(QueueName="dead")["QueueUrl"]
    made.get("sqs").send_message(QueueUrl=url, MessageBody="{}")
    for queue, count in ((url, 1), (f"{url}-gone", None), ("", None)):
        portal.clock.turn(minutes=1)
        report_state(replace(portal.portal.services, dead_letters=DeadLetters(made, queue)))
        assert (read_state(portal).ticked_at, read_state(portal).dead_letters) == (portal.clock(), count)


def test_a_slower_sweep_does_not_put_the_clock_back(portal: Running) -> None:
    services, now = portal.portal.services, portal.clock()
    services.usage.keep_state(ServiceState(now, failed_mails=1))
    services.usage.keep_state(ServiceState(now - timedelta(minutes=1), failed_mails=2))
    assert read_state(portal).failed_mails == 1


def test_the_days_first_are_kept_every_five_minutes_and_earlier_days_every_hour(portal: Running) -> None:
    services, clock = portal.portal.services, portal.clock
    clock.turn(minutes=70 - clock().minute)  # ten past
    today, yesterday = clock().date(), (clock() - timedelta(days=1)).date()
    details = {"owner": ANA.id, "to": "ben@example.com", "file": "plan", "name": "plan.pdf", "bytes": "7"}
    fetched = AuditRecord(clock(), Action.BYTES_SENT, Actor("recipient", "ben"), "share", details=details)
    records = [fetched, replace(fetched, at=fetched.at - timedelta(days=1))]
    table = Table(clients(portal.config.region), portal.config.table, clock)
    for minute, kept in ((9, set()), (10, {today, yesterday}), (15, {today})):
        table.transact(changes_as_writes(fold(records)))
        clock.turn(minutes=60 + minute - clock().minute)
        before = services.usage.read([], [today, yesterday]).tops
        keep_tops(services, minutes)
        after = services.usage.read([], [today, yesterday]).tops
        assert {day for day in (today, yesterday) if after.get(day) != before.get(day)} == kept
    assert after[today][Kind.FILE][0].counts == {Figure.BYTES_DELIVERED: 21}
    assert after[today][Kind.FILE][0].name == "plan.pdf"
    assert after[today][Kind.PERSON][0].id == ANA.id
