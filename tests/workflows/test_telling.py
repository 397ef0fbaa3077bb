"""Owners are told what happened: what they asked for, once, and without a storm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.domain.audit import PORTAL, Action, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.letters import Letter, MailRefused
from portal.domain.notices import NoticeKind
from portal.domain.shares import Notify
from portal.workflows.engine import run
from portal.workflows.mail import feedback
from portal.workflows.sweep import sweep
from portal.workflows.switches import SWITCH_MAILS, SwitchMails
from tests.builders import Running
from tests.doing import asked_by, downloaded, looked_at, new_id, rows, shared, somebody, token_of, uploaded
from tests.workflows.test_mail import Moody

ANA = somebody("Ana Lopes")


@pytest.fixture
def mailer() -> Moody:
    return Moody()


@pytest.fixture
def running(portal: Running, mailer: Moody) -> Running:
    services = replace(portal.portal.services, mailer=mailer)
    return replace(portal, portal=replace(portal.portal, services=services))


def later(running: Running, mailer: Moody, **by: float) -> list[Letter]:
    """What went to the owner by the schedule after so long."""
    running.clock.turn(**by)
    before = len(mailer.sent)
    sweep(running.portal.services, lambda: 60.0)
    return [letter for letter in mailer.sent[before:] if letter.to == ANA.address]


@pytest.mark.parametrize(("notify", "mails"), [(Notify.FIRST, 1), (Notify.EVERY, 3), (Notify.NEVER, 0)])
def test_downloads_are_told_as_chosen(running: Running, mailer: Moody, notify: Notify, mails: int) -> None:
    """First, every, never; with who and what."""
    file = uploaded(running, ANA)
    token = token_of(running, shared(running, ANA, [file], notify=notify))
    told = []
    for _ in range(3):
        downloaded(running, token, file, new_id(running))
        told += later(running, mailer, minutes=11)
    assert len(told) == mails
    if told:
        assert told[0].subject == "partner downloaded your files"
        assert "partner@example.com has downloaded: report" in told[0].text
        assert told[0].unsubscribe.startswith("https://files.example.org/mails/")


def test_a_preview_is_told_as_one(running: Running, mailer: Moody) -> None:
    """By itself and among others."""
    file = uploaded(running, ANA)
    made = shared(running, ANA, [file], recipients_text="a@example.com, b@example.com, c@example.com")
    looked_at(running, token_of(running, made), file)
    [told] = later(running, mailer, seconds=61)
    assert told.subject == "a looked at your files"
    for said in ("a@example.com has looked at: report", "It is the first by this person."):
        assert said in told.text
    assert "has looked at:" in told.html
    looked_at(running, token_of(running, made, 1), file)
    downloaded(running, token_of(running, made, 2), file)
    [digest] = later(running, mailer, minutes=11)
    for said in ("b@example.com has looked at report", "c@example.com has downloaded report"):
        assert said in digest.text
        assert said in digest.html


def test_a_press_repeated_is_told_once(running: Running, mailer: Moody) -> None:
    """I7, R50: the same press again is no download, and no news."""
    file = uploaded(running, ANA)
    token, press = token_of(running, shared(running, ANA, [file], notify=Notify.EVERY)), new_id(running)
    for _ in range(3):
        downloaded(running, token, file, press)
    assert len(later(running, mailer, seconds=61)) == 1


def test_a_storm_becomes_one_digest(running: Running, mailer: Moody) -> None:
    """The first is told at once; what comes in the ten minutes after it is one mail, nothing left out."""
    file = uploaded(running, ANA)
    people = "\n".join(f"p{place}@example.com" for place in range(12))
    made = shared(running, ANA, [file], recipients_text=people)
    downloaded(running, token_of(running, made), file)
    [first] = later(running, mailer, seconds=61)
    assert "downloaded your files" in first.subject
    for place in range(1, 12):
        downloaded(running, token_of(running, made, place), file)
        assert later(running, mailer, seconds=40) == []
    [digest] = later(running, mailer, minutes=10)
    assert digest.subject == "11 updates on your shares"
    addresses = {each.address for each in made.recipients[1:]}
    assert all(address in digest.text and address in digest.html for address in addresses)
    assert later(running, mailer, hours=1) == []


def test_a_bounce_says_what_to_do(running: Running, mailer: Moody) -> None:
    """R55: told once, however often and in whatever order the news comes."""
    shared(running, ANA, [uploaded(running, ANA)], notify=Notify.NEVER)
    services = running.portal.services
    for kind in ("bounce", "delivery", "bounce"):
        feedback(services, kind, "message-1", running.clock(), "550 user unknown")
    feedback(services, "bounce", "message-forged", running.clock().replace(year=2020), "")
    [told] = later(running, mailer, seconds=61)
    assert told.subject == "Your mail to partner did not arrive"
    assert "550 user unknown" in told.text
    assert "copy the link" in told.text
    assert later(running, mailer, hours=1) == []


def test_a_refused_invitation_is_told(running: Running, mailer: Moody) -> None:
    mailer.failures = [MailRefused(reason="MessageRejected")]
    shared(running, ANA, [uploaded(running, ANA)])
    [told] = later(running, mailer, seconds=61)
    assert "MessageRejected" in told.text


def test_what_is_switched_off_is_not_sent(running: Running, mailer: Moody) -> None:
    """And does not wait for being switched on again."""
    services = running.portal.services
    record = AuditRecord(at=running.clock(), action=Action.SIGNED_IN, actor=PORTAL, about=ANA.id)
    services.people.seen(ANA, running.clock(), record)
    off = frozenset({NoticeKind.DOWNLOADED})
    run(SWITCH_MAILS, SwitchMails(**asked_by(ANA, running), off=off), services)
    file = uploaded(running, ANA)
    downloaded(running, token_of(running, shared(running, ANA, [file])), file)
    assert later(running, mailer, seconds=61) == []
    run(SWITCH_MAILS, SwitchMails(**asked_by(ANA, running), off=frozenset()), services)
    assert later(running, mailer, hours=1) == []
    notices = [item for item in rows(running) if item["pk"]["S"].startswith("MAIL#")]
    states = [item["mail"]["M"]["state"]["S"] for item in notices]
    assert states == ["skipped"]


def test_a_digest_that_fails_for_now_is_sent_later(running: Running, mailer: Moody) -> None:
    """R52: nothing is lost on the way."""
    file = uploaded(running, ANA)
    made = shared(running, ANA, [file], recipients_text="a@example.com, b@example.com")
    for place in range(2):
        downloaded(running, token_of(running, made, place), file)
    mailer.failures = [Unavailable()]
    assert later(running, mailer, seconds=61) == []
    told = [*later(running, mailer, minutes=5), *later(running, mailer, minutes=6)]
    assert [letter.subject for letter in told] == ["2 updates on your shares"]
