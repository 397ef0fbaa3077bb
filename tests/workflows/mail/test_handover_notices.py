"""Giver and receiver hear of a handover once, when it has ended, and of one that moved nothing not at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.domain.mail.email_message import OutgoingMail
from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.workflows.mail.mail_jobs import send_due
from portal.workflows.people.handover import HAND_OVER, HandOver, hand_over_due
from portal.workflows.people.managing import DISABLE, ManagePerson
from tests.actions import make_person, make_request, share_files, sign_in_before, upload_file
from tests.builders import Running
from tests.workflows.mail.test_mail_jobs import Moody

ANA, BEN, ADA = make_person("Ana Lopes"), make_person("Ben Okoro"), make_person("Ada Minh", admin=True)


@pytest.fixture
def mailer() -> Moody:
    return Moody()


@pytest.fixture
def running(portal: Running, mailer: Moody) -> Running:
    for person in (ANA, BEN, ADA):
        sign_in_before(portal, person)
    services = replace(portal.portal.services, mailer=mailer)
    return replace(portal, portal=replace(portal.portal, services=services))


def hand_over(running: Running, **asked: Any) -> None:
    context = HandOver(make_request(ADA, running), giver_id=ANA.id, receiver=BEN.address, **asked)
    run(HAND_OVER, context, running.portal.services)


def send(running: Running, mailer: Moody) -> list[OutgoingMail]:
    """What goes out of what waits."""
    before = len(mailer.sent)
    for _ in range(2):
        hand_over_due(running.portal.services, lambda: 60.0)
        send_due(running.portal.services, lambda: 60.0)
    return mailer.sent[before:]


def disable(running: Running, person: Person) -> None:
    run(DISABLE, ManagePerson(make_request(ADA, running), who=person.id), running.portal.services)


def test_both_hear_of_it_once_with_what_was_moved(running: Running, mailer: Moody) -> None:
    file = upload_file(running, ANA)
    upload_file(running, ANA)
    share_files(running, ANA, [file])
    send(running, mailer)
    hand_over(running)
    letters = {each.to: each for each in send(running, mailer)}
    assert letters.keys() == {ANA.address, BEN.address}
    assert "Ben Okoro now has:" in letters[ANA.address].text
    assert letters[BEN.address].subject == "You now have what Ana Lopes had"
    for letter in letters.values():
        assert "2 files" in letter.text
        assert "1 share" in letter.text
        assert "/files" in letter.text
    assert send(running, mailer) == []


def test_a_disabled_account_gets_none(running: Running, mailer: Moody) -> None:
    """As somebody who has left: who has their files now hears of it all the same."""
    upload_file(running, ANA)
    disable(running, ANA)
    hand_over(running)
    assert [each.to for each in send(running, mailer)] == [BEN.address]


def test_nobody_hears_of_nothing(running: Running, mailer: Moody) -> None:
    hand_over(running)
    assert send(running, mailer) == []
