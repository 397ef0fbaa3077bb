"""Emails whose answers are lost or late: sent once more at most, and then called what they are."""

from __future__ import annotations

from collections import Counter

import pytest

from portal.domain.mail.mail_job import MailJob, MailState
from portal.engine.workflow import run
from portal.queries.shares import get_share
from portal.workflows.links import confirmation
from portal.workflows.upkeep.sweep import sweep
from tests.actions import link_token, list_records, make_person, make_unlock, share_files, upload_file
from tests.aws.ses_stub import SesStub
from tests.builders import Running

pytestmark = pytest.mark.requirement("R53", "R75")

ANA = make_person("Ana Lopes")
PARTNER = "partner@example.com"


@pytest.fixture
def portal(portal_on_ses: Running) -> Running:
    return portal_on_ses


def job(portal: Running, share_id: str) -> MailJob:
    return get_share(ANA, share_id, portal.portal.services).recipients[0].recipient.mail


def hours_pass(portal: Running, hours: int) -> None:
    for _ in range(hours * 4):
        portal.clock.turn(minutes=15)
        sweep(portal.portal.services, lambda: 60.0)


@pytest.mark.parametrize("fault", ["lost", "broken"])
def test_a_standing_fault_makes_two_mails_at_most(portal: Running, ses: SesStub, fault: str) -> None:
    """Nobody gets a third, the share says what is known, and no email that was taken is called failed."""
    ses.answer = fault
    made = share_files(
        portal, ANA, [upload_file(portal, ANA)], recipients_text="a@example.com, b@example.com"
    )
    hours_pass(portal, 3)
    counts = Counter(each for each in ses.taken if each != ANA.address)
    assert counts == {"a@example.com": 2, "b@example.com": 2}
    assert job(portal, made.about).state is MailState.PROBABLY_SENT
    assert len(list_records(portal, "mail.probably_sent")) == 2
    assert list_records(portal, "mail.failed") == []


def test_an_answer_that_comes_too_late_is_none(portal: Running, ses: SesStub) -> None:
    """The SDK waits its five seconds, and does not ask again by itself."""
    ses.answer = "slow"
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    assert ses.taken == [PARTNER]
    assert (job(portal, made.about).state, job(portal, made.about).problem) == (
        MailState.QUEUED,
        "unanswered",
    )


def test_a_repeat_that_is_answered_is_sent(portal: Running, ses: SesStub) -> None:
    ses.answer = "lost"
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    ses.answer = ""
    hours_pass(portal, 1)
    assert job(portal, made.about).state is MailState.SENT
    assert Counter(ses.taken)[PARTNER] == 2


@pytest.mark.parametrize(
    "refusal", ["TooManyRequestsException:Maximum sending rate exceeded.", "no connection"]
)
def test_what_was_not_taken_is_tried_until_it_is(portal: Running, ses: SesStub, refusal: str) -> None:
    """A throttle or a connection that cannot be made is told apart from an answer that was lost."""
    if refusal == "no connection":
        ses.shutdown()
        ses.server_close()
    else:
        ses.answer, ses.status = refusal, 429
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    hours_pass(portal, 3)
    waiting = job(portal, made.about)
    assert (waiting.state, waiting.unanswered) == (MailState.QUEUED, 0)
    assert ses.taken == []
    if refusal != "no connection":
        assert waiting.tries == 0
        ses.answer = ""
        hours_pass(portal, 1)
        assert job(portal, made.about).state is MailState.SENT
        assert Counter(ses.taken)[PARTNER] == 1


def test_a_worker_that_dies_after_each_handing_over_makes_two_mails(
    portal: Running, ses: SesStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the email and its note, every time."""
    monkeypatch.setattr(portal.portal.services.outbox, "settle", lambda *_, **__: exit_now())
    with pytest.raises(SystemExit):
        share_files(portal, ANA, [upload_file(portal, ANA)])
    for _ in range(5):
        portal.clock.turn(minutes=15)
        with pytest.raises(SystemExit):
            sweep(portal.portal.services, lambda: 60.0)
    assert Counter(ses.taken)[PARTNER] == 2


def exit_now() -> bool:
    raise SystemExit


def test_a_code_that_may_have_been_sent_opens(portal: Running, ses: SesStub) -> None:
    """It is not taken back while it may lie in someone's mailbox."""
    made = share_files(portal, ANA, [upload_file(portal, ANA)], confirm=True)
    ses.answer = "lost"
    done = run(confirmation.SEND_CODE, make_unlock(portal, link_token(portal, made)), portal.portal.services)
    assert done.sent is not None
    kept = portal.portal.services.codes.newest(made.recipients[0])
    assert kept is not None
    assert (kept.id, bool(kept.mark)) == (done.sent.id, True)
