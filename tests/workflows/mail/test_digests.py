"""Owners are told what happened: what they asked for, once, and without a storm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.mail.email_message import MailRefused, OutgoingMail
from portal.domain.mail.notifications import NotificationKind
from portal.domain.shares.share import Notify
from portal.engine.workflow import run
from portal.workflows.mail.mail_jobs import record_feedback
from portal.workflows.mail.mail_preferences import SWITCH_MAILS, SwitchMails
from portal.workflows.people.managing import DISABLE, ManagePerson
from portal.workflows.upkeep.sweep import sweep
from tests.actions import (
    download_file,
    link_token,
    list_rows,
    make_id,
    make_person,
    make_request,
    preview_file,
    share_files,
    upload_file,
)
from tests.builders import Running
from tests.web.signing import session_of
from tests.workflows.mail.test_mail_jobs import Moody

ANA = make_person("Ana Lopes")
ADA = make_person("Ada Minh", admin=True)


@pytest.fixture
def mailer() -> Moody:
    return Moody()


@pytest.fixture
def running(portal: Running, mailer: Moody) -> Running:
    services = replace(portal.portal.services, mailer=mailer)
    return replace(portal, portal=replace(portal.portal, services=services))


def later(running: Running, mailer: Moody, **by: float) -> list[OutgoingMail]:
    """What went to the owner by the schedule after so long."""
    running.clock.turn(**by)
    before = len(mailer.sent)
    sweep(running.portal.services, lambda: 60.0)
    return [letter for letter in mailer.sent[before:] if letter.to == ANA.address]


@pytest.mark.parametrize(("notify", "mails"), [(Notify.FIRST, 1), (Notify.EVERY, 3), (Notify.NEVER, 0)])
def test_downloads_are_told_as_chosen(running: Running, mailer: Moody, notify: Notify, mails: int) -> None:
    """First, every, never; with who and what."""
    file = upload_file(running, ANA)
    token = link_token(running, share_files(running, ANA, [file], notify=notify))
    told = []
    for _ in range(3):
        download_file(running, token, file, make_id(running))
        told += later(running, mailer, minutes=11)
    assert len(told) == mails
    if told:
        assert told[0].subject == "partner downloaded your files"
        assert "partner@example.com has downloaded: report" in told[0].text
        assert told[0].unsubscribe.startswith("https://files.example.org/mails/")


def test_a_preview_is_told_as_one(running: Running, mailer: Moody) -> None:
    """By itself and among others."""
    file = upload_file(running, ANA)
    made = share_files(running, ANA, [file], recipients_text="a@example.com, b@example.com, c@example.com")
    preview_file(running, link_token(running, made), file)
    [told] = later(running, mailer, seconds=61)
    assert told.subject == "a looked at your files"
    for said in ("a@example.com has looked at: report", "It is the first by this person."):
        assert said in told.text
    assert "has looked at:" in told.html
    preview_file(running, link_token(running, made, 1), file)
    download_file(running, link_token(running, made, 2), file)
    [digest] = later(running, mailer, minutes=11)
    for said in ("b@example.com has looked at report", "c@example.com has downloaded report"):
        assert said in digest.text
        assert said in digest.html


@pytest.mark.requirement("R50", "I7")
def test_a_press_repeated_is_told_once(running: Running, mailer: Moody) -> None:
    """The same press again is no download, and no news."""
    file = upload_file(running, ANA)
    token, press = (
        link_token(running, share_files(running, ANA, [file], notify=Notify.EVERY)),
        make_id(running),
    )
    for _ in range(3):
        download_file(running, token, file, press)
    assert len(later(running, mailer, seconds=61)) == 1


def test_a_storm_becomes_one_digest(running: Running, mailer: Moody) -> None:
    """The first is told at once; what comes in the ten minutes after it is one email, nothing left out."""
    file = upload_file(running, ANA)
    people = "\n".join(f"p{place}@example.com" for place in range(12))
    made = share_files(running, ANA, [file], recipients_text=people)
    download_file(running, link_token(running, made), file)
    [first] = later(running, mailer, seconds=61)
    assert "downloaded your files" in first.subject
    for place in range(1, 12):
        download_file(running, link_token(running, made, place), file)
        assert later(running, mailer, seconds=40) == []
    [digest] = later(running, mailer, minutes=10)
    assert digest.subject == "11 updates on your shares"
    addresses = {each.address for each in made.recipients[1:]}
    assert all(address in digest.text and address in digest.html for address in addresses)
    assert later(running, mailer, hours=1) == []


@pytest.mark.requirement("R55")
def test_a_bounce_says_what_to_do(running: Running, mailer: Moody) -> None:
    """Told once, however often and in whatever order the news comes."""
    share_files(running, ANA, [upload_file(running, ANA)], notify=Notify.NEVER)
    services = running.portal.services
    for kind in ("bounce", "delivery", "bounce"):
        record_feedback(services, kind, "message-1", running.clock(), "550 user unknown")
    record_feedback(services, "bounce", "message-forged", running.clock().replace(year=2020), "")
    [told] = later(running, mailer, seconds=61)
    assert told.subject == "Your email to partner did not arrive"
    assert "550 user unknown" in told.text
    assert "copy the link" in told.text
    assert later(running, mailer, hours=1) == []


def test_a_refused_invitation_is_told(running: Running, mailer: Moody) -> None:
    mailer.failures = [MailRefused(reason="MessageRejected")]
    share_files(running, ANA, [upload_file(running, ANA)])
    [told] = later(running, mailer, seconds=61)
    assert "MessageRejected" in told.text


def test_what_is_switched_off_is_not_sent(running: Running, mailer: Moody) -> None:
    """And does not wait for being switched on again."""
    services = running.portal.services
    record = AuditRecord(at=running.clock(), action=Action.SIGNED_IN, actor=PORTAL, about=ANA.id)
    services.people.record_visit(ANA, running.clock(), record)
    off = frozenset({NotificationKind.DOWNLOADED})
    run(SWITCH_MAILS, SwitchMails(make_request(ANA, running), off=off), services)
    file = upload_file(running, ANA)
    download_file(running, link_token(running, share_files(running, ANA, [file])), file)
    assert later(running, mailer, seconds=61) == []
    run(SWITCH_MAILS, SwitchMails(make_request(ANA, running), off=frozenset()), services)
    assert later(running, mailer, hours=1) == []
    notices = [item for item in list_rows(running) if item["pk"]["S"].startswith("MAIL#")]
    states = [item["mail"]["M"]["state"]["S"] for item in notices]
    assert states == ["skipped"]


@pytest.mark.requirement("R52")
def test_a_digest_that_fails_for_now_is_sent_later(running: Running, mailer: Moody) -> None:
    """Nothing is lost on the way."""
    file = upload_file(running, ANA)
    made = share_files(running, ANA, [file], recipients_text="a@example.com, b@example.com")
    for place in range(2):
        download_file(running, link_token(running, made, place), file)
    mailer.failures = [Unavailable()]
    assert later(running, mailer, seconds=61) == []
    told = [*later(running, mailer, minutes=5), *later(running, mailer, minutes=6)]
    assert [letter.subject for letter in told] == ["2 updates on your shares"]


@pytest.mark.parametrize(("is_disabled", "mails"), [(False, 1), (True, 0)])
def test_a_disabled_account_gets_no_news(
    running: Running, mailer: Moody, is_disabled: bool, mails: int
) -> None:
    """Its shares stay open; what happens with them is for nobody outside to read."""
    for person in (ANA, ADA):
        session_of(running, person)
    file = upload_file(running, ANA)
    made = share_files(running, ANA, [file], notify=Notify.EVERY)
    if is_disabled:
        run(DISABLE, ManagePerson(make_request(ADA, running), who=ANA.id), running.portal.services)
    download_file(running, link_token(running, made), file)
    assert len(later(running, mailer, minutes=11)) == mails
