"""Recipients whose link the sender passes on: no email, until the sender wants one after all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.domain.mail.mail_job import MailState
from portal.domain.shares.share import Recipient
from portal.engine.workflow import run
from portal.workflows.mail.mail_jobs import send_due
from portal.workflows.mail.reminders import remind_due
from portal.workflows.shares import adding, recipients
from tests.actions import (
    download_file,
    link_token,
    list_mails,
    list_records,
    make_person,
    make_request,
    send_code,
    share_files,
    upload_file,
)
from tests.builders import Running

ANA = make_person("Ana Lopes")
BOTH = "carol@x.example, dave@x.example"


def people(running: Running, share_id: str) -> dict[str, Recipient]:
    found = running.portal.services.shares.get_with_recipients(share_id)
    assert found is not None
    return {each.address: each for each in found[1]}


def list_addressed(running: Running) -> list[str]:
    return [each.destinations["ToAddresses"][0] for each in list_mails(running)]


@pytest.mark.requirement("I2")
def test_no_mail_goes_to_whom_the_sender_gives_the_link(portal: Running) -> None:
    """Neither at once nor by the schedule nor as a reminder; the link works, and a code can be mailed."""
    file = upload_file(portal, ANA)
    made = share_files(
        portal, ANA, [file], recipients_text=BOTH, by_hand=("DAVE@x.example", "stranger@x.example")
    )
    assert people(portal, made.about)["dave@x.example"].mail.state is MailState.BY_HAND
    assert list_records(portal, "share.created")[-1]["details"]["M"]["by_hand"]["S"] == "dave@x.example"
    portal.clock.turn(minutes=5)
    send_due(portal.portal.services, lambda: 60.0)
    assert list_addressed(portal) == ["carol@x.example"]
    portal.clock.turn(days=6)
    remind_due(portal.portal.services, lambda: 60.0)
    send_due(portal.portal.services, lambda: 60.0)
    assert [each for each in list_addressed(portal) if each.endswith("x.example")] == ["carol@x.example"] * 2
    place = [each.address for each in made.recipients].index("dave@x.example")
    assert download_file(portal, link_token(portal, made, place), file)


@pytest.mark.requirement("R44")
def test_a_code_comes_by_mail_all_the_same(portal: Running) -> None:
    """To the address the link was made for, whoever passed it on."""
    made = share_files(
        portal, ANA, [upload_file(portal, ANA)], by_hand=("partner@example.com",), confirm=True
    )
    assert send_code(portal, link_token(portal, made))[1]
    assert list_addressed(portal) == ["partner@example.com"]


@pytest.mark.requirement("R52", "I7")
def test_the_mail_is_sent_after_all(portal: Running) -> None:
    """Once, however often it is pressed; from there on it is an email like any other."""
    made = share_files(portal, ANA, [upload_file(portal, ANA)], by_hand=("partner@example.com",))
    [one] = made.recipients
    asked = recipients.SendAgain(
        make_request(ANA, portal), share_id=made.about, recipient_id=one.id, seen=one.mail.message_id
    )
    assert not run(recipients.SEND_AGAIN, asked, portal.portal.services).again
    assert run(recipients.SEND_AGAIN, asked, portal.portal.services).again
    assert list_addressed(portal) == ["partner@example.com"]
    assert people(portal, made.about)["partner@example.com"].mail.state is MailState.SENT
    assert len(list_records(portal, "mail.after_all")) == 1
    assert len(list_records(portal, "mail.sent")) == 1


@pytest.mark.requirement("R51")
def test_the_same_form_with_other_links_to_pass_on_is_another(portal: Running) -> None:
    file, form = upload_file(portal, ANA), "0" * 25 + "7"
    first = share_files(portal, ANA, [file], submission_id=form, by_hand=("partner@example.com",))
    again = share_files(portal, ANA, [file], submission_id=form, by_hand=("partner@example.com",))
    assert (again.about, again.again) == (first.about, True)
    assert list_mails(portal) == []


def test_added_people_can_be_given_their_links_too(portal: Running) -> None:
    made = share_files(portal, ANA, [upload_file(portal, ANA)])
    asked = recipients.AddRecipients(
        make_request(ANA, portal), share_id=made.about, recipients_text=BOTH, by_hand=True
    )
    run(adding.ADD_RECIPIENTS, asked, portal.portal.services)
    portal.clock.now += timedelta(minutes=5)
    send_due(portal.portal.services, lambda: 60.0)
    assert list_addressed(portal) == ["partner@example.com"]
    states = {each.mail.state for address, each in people(portal, made.about).items() if "x." in address}
    assert states == {MailState.BY_HAND}
