"""Email on its way: nothing lost, nothing twice, the truth about each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from portal.domain.errors import Unavailable
from portal.domain.mail.email_message import MailRefused, OutgoingMail
from portal.domain.mail.mail_job import CLOSED, MailJob, MailState
from portal.engine.workflow import run
from portal.queries.shares import get_share
from portal.workflows.files import owned_files
from portal.workflows.mail.mail_jobs import invite, record_feedback, send_due
from portal.workflows.shares import revoke
from portal.workflows.upkeep.sweep import sweep
from tests.actions import list_records, make_person, make_request, read_state, share_files, upload_file
from tests.builders import Running

pytestmark = pytest.mark.requirement("R52", "R53", "R54", "R55")

ANA = make_person("Ana Lopes")


@dataclass
class Moody:
    """A mail service in front of the real one that fails as told: neither moto nor MiniStack throttles."""

    failures: list[Exception] = field(default_factory=list)
    sent: list[OutgoingMail] = field(default_factory=list)

    def send(self, letter: OutgoingMail) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(letter)
        return f"message-{len(self.sent)}"


@pytest.fixture
def mailer() -> Moody:
    return Moody()


@pytest.fixture
def running(portal: Running, mailer: Moody) -> Running:
    return replace(
        portal, portal=replace(portal.portal, services=replace(portal.portal.services, mailer=mailer))
    )


def job(running: Running, share_id: str) -> MailJob:
    return get_share(ANA, share_id, running.portal.services).recipients[0].recipient.mail


def test_a_throttled_mail_is_tried_again_later(running: Running, mailer: Moody) -> None:
    """The share stands, the email waits with backoff and is sent by the schedule."""
    mailer.failures = [Unavailable(), Unavailable()]
    made = share_files(running, ANA, [upload_file(running, ANA)])
    assert job(running, made.about).state is MailState.QUEUED
    sweep(running.portal.services, lambda: 60.0)
    assert mailer.sent == []
    running.clock.turn(seconds=31)
    sweep(running.portal.services, lambda: 60.0)
    assert job(running, made.about).tries == 2
    running.clock.turn(seconds=61)
    sweep(running.portal.services, lambda: 60.0)
    assert job(running, made.about).state is MailState.SENT
    assert len(mailer.sent) == 1


def test_a_refused_mail_says_so(running: Running, mailer: Moody) -> None:
    """Never sent without a message id."""
    mailer.failures = [MailRefused(reason="MessageRejected")]
    made = share_files(running, ANA, [upload_file(running, ANA)])
    assert (job(running, made.about).state, job(running, made.about).problem) == (
        MailState.FAILED,
        "MessageRejected",
    )
    assert len(list_records(running, "mail.failed")) == 1
    running.clock.turn(hours=2)
    assert send_due(running.portal.services, lambda: 60.0) == 1
    assert [letter.to for letter in mailer.sent] == [ANA.address]


@pytest.mark.requirement("R75")
def test_a_mail_waits_until_its_share_ends(running: Running, mailer: Moody) -> None:
    """However long the mail service is away; a closed link is mailed to nobody."""
    mailer.failures = [Unavailable() for _ in range(1000)]
    last_day = (running.clock() + timedelta(days=5)).date()
    made = share_files(running, ANA, [upload_file(running, ANA)], expires_on=last_day)
    assert made.share is not None
    while (now := running.clock.turn(hours=3)) < made.share.expires_at:
        sweep(running.portal.services, lambda: 60.0)
        assert job(running, made.about).state is MailState.QUEUED
    assert now >= made.share.expires_at
    sweep(running.portal.services, lambda: 60.0)
    assert (job(running, made.about).state, job(running, made.about).problem) == (MailState.FAILED, CLOSED)


def test_a_worker_that_dies_before_marking_sends_again_once_its_lease_is_over(
    running: Running, mailer: Moody
) -> None:
    """Killed between send and mark; the second email carries the same link."""
    made = share_files(running, ANA, [upload_file(running, ANA)], submission_id="0" * 26)
    services = running.portal.services
    [recipient] = [each.recipient for each in get_share(ANA, made.about, services).recipients]
    queued = replace(recipient, mail=MailJob(due_at=running.clock()))
    assert services.outbox.settle(recipient, replace(queued.mail, tries=recipient.mail.tries), None)
    first = get_share(ANA, made.about, services).recipients[0].recipient
    assert services.outbox.claim(first, running.clock(), 60)
    assert not services.outbox.claim(first, running.clock(), 60)
    assert send_due(services, lambda: 60.0) == 0
    running.clock.turn(seconds=61)
    assert send_due(services, lambda: 60.0) == 1
    links = {letter.text.split("/d/")[1].split()[0] for letter in mailer.sent}
    assert len(mailer.sent) == 2
    assert len(links) == 1


def test_a_withdrawn_recipient_gets_no_mail(running: Running, mailer: Moody) -> None:
    mailer.failures = [Unavailable()]
    made = share_files(running, ANA, [upload_file(running, ANA)])
    run(
        revoke.WITHDRAW_SHARE,
        revoke.Withdraw(make_request(ANA, running), share_id=made.about),
        running.portal.services,
    )
    running.clock.turn(minutes=5)
    assert send_due(running.portal.services, lambda: 60.0) == 0
    assert mailer.sent == []


def test_news_moves_a_mail_forward_only(running: Running) -> None:
    """Twice, out of order, unknown."""
    made = share_files(running, ANA, [upload_file(running, ANA)])
    services = running.portal.services
    for kind, expected in (
        ("delivery", "delivered"),
        ("bounce", "bounced"),
        ("delivery", "bounced"),
        ("bounce", "bounced"),
    ):
        record_feedback(services, kind, "message-1", running.clock(), "news")
        assert job(running, made.about).state == expected
    before = read_state(running)
    record_feedback(services, "bounce", "message-unknown", running.clock() - timedelta(minutes=2), "")
    record_feedback(services, "nonsense", "message-1", running.clock(), "")
    assert read_state(running) == before
    assert len(list_records(running, "mail.bounced")) == 1


def test_a_sent_mail_is_not_sent_again(running: Running, mailer: Moody) -> None:
    """Even by a worker that read the job before it was sent."""
    made = share_files(running, ANA, [upload_file(running, ANA)])
    assert made.share is not None
    came_to = invite(made.share, made.recipients[0], running.portal.services)
    assert came_to is MailState.SKIPPED
    assert len(mailer.sent) == 1


def test_news_that_overtakes_the_note_of_its_sending_comes_again(running: Running) -> None:
    """Refused for now, believed once the sending is noted."""
    services = running.portal.services
    with pytest.raises(Unavailable):
        record_feedback(services, "delivery", "message-1", running.clock(), "")
    made = share_files(running, ANA, [upload_file(running, ANA)])
    record_feedback(services, "delivery", "message-1", running.clock(), "")
    assert job(running, made.about).state is MailState.DELIVERED


@pytest.mark.requirement("R72")
@pytest.mark.parametrize("purged", [False, True])
def test_nobody_is_invited_to_what_was_removed(running: Running, mailer: Moody, purged: bool) -> None:
    """Judged when it is sent, however long it waited; its recipient's history says why."""
    mailer.failures = [Unavailable()]
    file, services = upload_file(running, ANA), running.portal.services
    made = share_files(running, ANA, [file])
    assert job(running, made.about).state is MailState.QUEUED
    for workflow in [owned_files.TRASH, owned_files.PURGE][: 1 + purged]:
        run(workflow, owned_files.ChangeFile(make_request(ANA, running), file_id=file.id), services)
    running.clock.turn(hours=1)
    send_due(services, lambda: 60.0)
    given_up = job(running, made.about)
    assert (given_up.state, given_up.problem, given_up.due_at) == (MailState.FAILED, "removed", None)
    assert not any(each.to == made.recipients[0].address for each in mailer.sent)
    [record] = list_records(running, "mail.failed")
    assert record["details"]["M"]["problem"]["S"] == "removed"


@pytest.mark.requirement("R72")
def test_of_several_files_one_that_is_left_is_invited_to(running: Running, mailer: Moody) -> None:
    mailer.failures = [Unavailable()]
    file, services = upload_file(running, ANA, "a.pdf"), running.portal.services
    made = share_files(running, ANA, [file, upload_file(running, ANA, "b.pdf")])
    run(owned_files.TRASH, owned_files.ChangeFile(make_request(ANA, running), file_id=file.id), services)
    running.clock.turn(hours=1)
    send_due(services, lambda: 60.0)
    assert job(running, made.about).state is MailState.SENT
