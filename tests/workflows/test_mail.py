"""Mail on its way: nothing lost, nothing twice, the truth about each (R52-R55)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from portal import queries
from portal.domain.errors import Unavailable
from portal.domain.letters import Letter, MailRefused
from portal.domain.shares import MailJob, MailState
from portal.workflows import revoke
from portal.workflows.engine import run
from portal.workflows.mail import feedback, invite, send_due
from portal.workflows.sweep import sweep
from tests.builders import Running
from tests.doing import asked_by, recorded, shared, somebody, state, uploaded

ANA = somebody("Ana Lopes")


@dataclass
class Moody:
    """A mail service in front of the real one that fails as told: neither moto nor MiniStack throttles."""

    failures: list[Exception] = field(default_factory=list)
    sent: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> str:
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
    return queries.share(ANA, share_id, running.portal.services).recipients[0].recipient.mail


def test_a_throttled_mail_is_tried_again_later(running: Running, mailer: Moody) -> None:
    """R52: the share stands, the mail waits with backoff and is sent by the schedule."""
    mailer.failures = [Unavailable(), Unavailable()]
    made = shared(running, ANA, [uploaded(running, ANA)])
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
    """R52: never sent without a message id."""
    mailer.failures = [MailRefused(reason="MessageRejected")]
    made = shared(running, ANA, [uploaded(running, ANA)])
    assert (job(running, made.about).state, job(running, made.about).problem) == (
        MailState.FAILED,
        "MessageRejected",
    )
    assert len(recorded(running, "mail.failed")) == 1
    running.clock.turn(hours=2)
    assert send_due(running.portal.services, lambda: 60.0) == 1
    assert [letter.to for letter in mailer.sent] == [ANA.address]


def test_a_mail_is_given_up_after_its_last_try(running: Running, mailer: Moody) -> None:
    mailer.failures = [Unavailable() for _ in range(20)]
    made = shared(running, ANA, [uploaded(running, ANA)])
    for _ in range(15):
        running.clock.turn(minutes=11)
        sweep(running.portal.services, lambda: 60.0)
    assert job(running, made.about).state is MailState.FAILED
    assert job(running, made.about).tries == 11


def test_a_worker_that_dies_before_marking_sends_again_once_its_lease_is_over(
    running: Running, mailer: Moody
) -> None:
    """R53, R54: killed between send and mark; the second mail carries the same link."""
    made = shared(running, ANA, [uploaded(running, ANA)], submission_id="0" * 26)
    services = running.portal.services
    [recipient] = [each.recipient for each in queries.share(ANA, made.about, services).recipients]
    queued = replace(recipient, mail=MailJob(due_at=running.clock()))
    assert services.outbox.settle(recipient, replace(queued.mail, tries=recipient.mail.tries), None)
    first = queries.share(ANA, made.about, services).recipients[0].recipient
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
    made = shared(running, ANA, [uploaded(running, ANA)])
    run(
        revoke.WITHDRAW_SHARE,
        revoke.Withdraw(**asked_by(ANA, running), share_id=made.about),
        running.portal.services,
    )
    running.clock.turn(minutes=5)
    assert send_due(running.portal.services, lambda: 60.0) == 0
    assert mailer.sent == []


def test_news_moves_a_mail_forward_only(running: Running) -> None:
    """R55: twice, out of order, unknown."""
    made = shared(running, ANA, [uploaded(running, ANA)])
    services = running.portal.services
    for kind, expected in (
        ("delivery", "delivered"),
        ("bounce", "bounced"),
        ("delivery", "bounced"),
        ("bounce", "bounced"),
    ):
        feedback(services, kind, "message-1", running.clock(), "news")
        assert job(running, made.about).state == expected
    before = state(running)
    feedback(services, "bounce", "message-unknown", running.clock() - timedelta(minutes=2), "")
    feedback(services, "nonsense", "message-1", running.clock(), "")
    assert state(running) == before
    assert len(recorded(running, "mail.bounced")) == 1


def test_a_sent_mail_is_not_sent_again(running: Running, mailer: Moody) -> None:
    """R53: even by a worker that read the job before it was sent."""
    made = shared(running, ANA, [uploaded(running, ANA)])
    assert made.share is not None
    came_to = invite(made.share, made.recipients[0], running.portal.services)
    assert came_to is MailState.SKIPPED
    assert len(mailer.sent) == 1


def test_news_that_overtakes_the_note_of_its_sending_comes_again(running: Running) -> None:
    """R55: refused for now, believed once the sending is noted."""
    services = running.portal.services
    with pytest.raises(Unavailable):
        feedback(services, "delivery", "message-1", running.clock(), "")
    made = shared(running, ANA, [uploaded(running, ANA)])
    feedback(services, "delivery", "message-1", running.clock(), "")
    assert job(running, made.about).state is MailState.DELIVERED
