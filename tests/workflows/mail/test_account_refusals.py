"""Emails that the mail service refuses for reasons of the account wait, are seen, and are sent later."""

from __future__ import annotations

import pytest

from portal.domain.errors import Forbidden
from portal.domain.mail.account_problems import MailTrouble
from portal.domain.mail.mail_job import MailJob, MailState
from portal.engine.metrics import Metric
from portal.engine.workflow import run
from portal.queries.admin.emails import get_emails
from portal.queries.shares import get_share
from portal.workflows.files.owned_files import TRASH, ChangeFile
from portal.workflows.files.scan_results import close_infected
from portal.workflows.mail.resending import RESEND_FAILED, ResendFailed
from portal.workflows.upkeep.sweep import sweep
from tests.actions import list_records, make_person, make_request, read_state, share_files, upload_file
from tests.aws.ses_stub import SesStub
from tests.builders import Running
from tests.figures import list_values, watch_figures
from tests.web.signing import session_of

ANA, BEN, ADA = make_person("Ana Lopes"), make_person("Ben Okoro"), make_person("Ada Minh", admin=True)
ACCOUNT = {
    "AccessDeniedException:not authorized": MailTrouble.NOT_ALLOWED,
    "MessageRejected:Email address is not verified: files@example.org": MailTrouble.SENDER_UNVERIFIED,
    "MessageRejected:Email address is not verified: a@example.com": MailTrouble.SANDBOX,
    "NotFoundException:Configuration set does not exist": MailTrouble.NO_CONFIGURATION_SET,
    "SendingPausedException:": MailTrouble.PAUSED,
    "ThrottlingException:Daily message quota exceeded.": MailTrouble.DAILY_QUOTA,
}  # fmt: skip


@pytest.fixture
def portal(portal_on_ses: Running) -> Running:
    return portal_on_ses


def job(portal: Running, share_id: str) -> MailJob:
    return get_share(ANA, share_id, portal.portal.services).recipients[0].recipient.mail


def hours_pass(portal: Running, hours: int, times: int = 1) -> None:
    for _ in range(times):
        portal.clock.turn(hours=hours)
        sweep(portal.portal.services, lambda: 60.0)


@pytest.mark.requirement("R75")
@pytest.mark.parametrize("refusal", ACCOUNT)
def test_it_waits_for_days_and_is_sent_once_the_account_is_right(
    portal: Running, ses: SesStub, refusal: str, caplog: pytest.LogCaptureFixture
) -> None:
    """No refusal is a try of the email; each raises the alarm's metric and is on the admin's page."""
    watch_figures(caplog)
    ses.answer = refusal
    made = share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text="a@example.com")
    hours_pass(portal, 16, times=5)
    waiting = job(portal, made.about)
    assert (waiting.state, waiting.tries, waiting.unanswered) == (MailState.QUEUED, 0, 0)
    assert waiting.waits_for_account
    page = get_emails(portal.clock(), portal.portal.services)
    assert [each.kind for each in page.troubles] == [ACCOUNT[refusal]]
    assert 1 in list_values(caplog, Metric.MAIL_ACCOUNT_REFUSALS)
    ses.answer = ""
    hours_pass(portal, 1)
    assert job(portal, made.about).state is MailState.SENT
    assert ses.taken.count("a@example.com") == 1
    assert get_emails(portal.clock(), portal.portal.services).troubles == []


@pytest.mark.requirement("R75")
def test_a_refusal_of_the_account_is_met_once_a_minute(portal: Running, ses: SesStub) -> None:
    """Not once for each of the emails; one that only some recipients meet holds up no others."""
    ses.answer = "SendingPausedException:"
    people = ", ".join(f"partner-{number}@example.com" for number in range(8))
    share_files(portal, ANA, [upload_file(portal, ANA)], recipients_text=people)
    assert ses.asked == 1
    portal.clock.turn(minutes=1)
    sweep(portal.portal.services, lambda: 60.0)
    assert ses.asked == 2
    ses.answer = "MessageRejected:Email address is not verified: {to}"
    portal.clock.turn(minutes=20)
    sweep(portal.portal.services, lambda: 60.0)
    assert ses.asked == 2 + 8


@pytest.mark.requirement("R75")
def test_an_address_that_is_wrong_fails_its_email_alone(portal: Running, ses: SesStub) -> None:
    ses.answer = "BadRequestException:Illegal address"
    made = share_files(
        portal, ANA, [upload_file(portal, ANA)], recipients_text="a@example.com, b@example.com"
    )
    view = get_share(ANA, made.about, portal.portal.services)
    assert {each.recipient.mail.state for each in view.recipients} == {MailState.FAILED}
    assert get_emails(portal.clock(), portal.portal.services).troubles == []


def share_and_fail(portal: Running, ses: SesStub) -> list[str]:
    """A share of Ana's and one of Ben's whose emails failed."""
    ses.answer = "BadRequestException:Illegal address"
    made = [share_files(portal, each, [upload_file(portal, each)]).about for each in (ANA, BEN)]
    ses.answer = ""
    return made


def resend(portal: Running, who: object, *, everyone: bool = False) -> int:
    context = ResendFailed(make_request(who, portal), everyone=everyone)  # type: ignore[arg-type]
    return run(RESEND_FAILED, context, portal.portal.services).queued


@pytest.mark.requirement("R75")
def test_one_sends_ones_own_again_and_an_admin_everybodys(portal: Running, ses: SesStub) -> None:
    """Twice is once; each is in its share's history."""
    share_and_fail(portal, ses)
    before = read_state(portal)
    with pytest.raises(Forbidden):
        resend(portal, ANA, everyone=True)
    assert read_state(portal) == before
    invitations = lambda: [each for each in ses.taken if each == "partner@example.com"]  # noqa: E731
    assert (resend(portal, ANA), resend(portal, ANA)) == (1, 0)
    hours_pass(portal, 1)
    assert len(invitations()) == 1
    assert resend(portal, ADA) == 0
    assert resend(portal, ADA, everyone=True) == 1
    hours_pass(portal, 1)
    assert len(invitations()) == 2
    assert len(list_records(portal, "mail.again")) == 2


@pytest.mark.requirement("R75")
def test_what_nobody_may_have_any_more_is_not_sent_again(portal: Running, ses: SesStub) -> None:
    made = share_and_fail(portal, ses)
    share = portal.portal.services.shares.get(made[0])
    assert share is not None
    portal.clock.now = share.expires_at
    assert resend(portal, ADA, everyone=True) == 0


@pytest.mark.requirement("R75", "R36")
def test_a_warning_of_malware_is_sent_again_too(portal: Running, ses: SesStub) -> None:
    """To the owner it concerns, or by an administrator, whether the file is shared or not."""
    for owner in (ANA, BEN):
        session_of(portal, owner)
        file = upload_file(portal, owner)
        assert close_infected(file.key, file.version_id, ["EICAR"], portal.portal.services)
    ses.answer = "BadRequestException:Illegal address"
    hours_pass(portal, 1)
    ses.answer = ""
    warned = lambda: [each for each in ses.taken if each in {ANA.address, BEN.address}]  # noqa: E731
    assert warned() == []
    assert (resend(portal, ANA), resend(portal, ANA)) == (1, 0)
    hours_pass(portal, 1)
    assert warned() == [ANA.address]
    assert resend(portal, ADA, everyone=True) == 1
    hours_pass(portal, 1)
    assert warned() == [ANA.address, BEN.address]


@pytest.mark.requirement("R72", "R75")
def test_an_invitation_to_what_was_removed_is_not_sent_again(portal: Running, ses: SesStub) -> None:
    ses.answer = "BadRequestException:Illegal address"
    file = upload_file(portal, ANA)
    share_files(portal, ANA, [file])
    ses.answer = ""
    run(TRASH, ChangeFile(make_request(ANA, portal), file_id=file.id), portal.portal.services)
    assert resend(portal, ADA, everyone=True) == 0
