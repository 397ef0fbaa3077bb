"""Recipients whose link the sender passes on: no mail, until the sender wants one after all."""

from __future__ import annotations

from datetime import timedelta

from portal.domain.shares import MailState, Recipient
from portal.workflows import recipients
from portal.workflows.engine import run
from portal.workflows.mail import send_due
from portal.workflows.reminders import remind_due
from tests.builders import Running
from tests.doing import asked_by, code_sent, downloaded, mails, recorded, shared, somebody, token_of, uploaded

ANA = somebody("Ana Lopes")
BOTH = "carol@x.example, dave@x.example"


def people(running: Running, share_id: str) -> dict[str, Recipient]:
    found = running.portal.services.shares.with_recipients(share_id)
    assert found is not None
    return {each.address: each for each in found[1]}


def addressed(running: Running) -> list[str]:
    return [each.destinations["ToAddresses"][0] for each in mails(running)]


def test_no_mail_goes_to_whom_the_sender_gives_the_link(portal: Running) -> None:
    """I2: neither at once nor by the schedule nor as a reminder; the link works, and a code can be mailed."""
    file = uploaded(portal, ANA)
    made = shared(portal, ANA, [file], recipients_text=BOTH, by_hand=("DAVE@x.example", "stranger@x.example"))
    assert people(portal, made.about)["dave@x.example"].mail.state is MailState.BY_HAND
    assert recorded(portal, "share.created")[-1]["details"]["M"]["by_hand"]["S"] == "dave@x.example"
    portal.clock.turn(minutes=5)
    send_due(portal.portal.services, lambda: 60.0)
    assert addressed(portal) == ["carol@x.example"]
    portal.clock.turn(days=6)
    remind_due(portal.portal.services, lambda: 60.0)
    send_due(portal.portal.services, lambda: 60.0)
    assert [each for each in addressed(portal) if each.endswith("x.example")] == ["carol@x.example"] * 2
    place = [each.address for each in made.recipients].index("dave@x.example")
    assert downloaded(portal, token_of(portal, made, place), file)


def test_a_code_comes_by_mail_all_the_same(portal: Running) -> None:
    """R44: to the address the link was made for, whoever passed it on."""
    made = shared(portal, ANA, [uploaded(portal, ANA)], by_hand=("partner@example.com",), confirm=True)
    assert code_sent(portal, token_of(portal, made))[1]
    assert addressed(portal) == ["partner@example.com"]


def test_the_mail_is_sent_after_all(portal: Running) -> None:
    """I7: once, however often it is pressed; from there on it is a mail like any other (R52)."""
    made = shared(portal, ANA, [uploaded(portal, ANA)], by_hand=("partner@example.com",))
    [one] = made.recipients
    asked = recipients.SendAgain(
        **asked_by(ANA, portal), share_id=made.about, recipient_id=one.id, seen=one.mail.message_id
    )
    assert not run(recipients.SEND_AGAIN, asked, portal.portal.services).again
    assert run(recipients.SEND_AGAIN, asked, portal.portal.services).again
    assert addressed(portal) == ["partner@example.com"]
    assert people(portal, made.about)["partner@example.com"].mail.state is MailState.SENT
    assert len(recorded(portal, "mail.after_all")) == 1
    assert len(recorded(portal, "mail.sent")) == 1


def test_the_same_form_with_other_links_to_pass_on_is_another(portal: Running) -> None:
    """R51."""
    file, form = uploaded(portal, ANA), "0" * 25 + "7"
    first = shared(portal, ANA, [file], submission_id=form, by_hand=("partner@example.com",))
    again = shared(portal, ANA, [file], submission_id=form, by_hand=("partner@example.com",))
    assert (again.about, again.again) == (first.about, True)
    assert mails(portal) == []


def test_added_people_can_be_given_their_links_too(portal: Running) -> None:
    made = shared(portal, ANA, [uploaded(portal, ANA)])
    asked = recipients.AddRecipients(
        **asked_by(ANA, portal), share_id=made.about, recipients_text=BOTH, by_hand=True
    )
    run(recipients.ADD_RECIPIENTS, asked, portal.portal.services)
    portal.clock.now += timedelta(minutes=5)
    send_due(portal.portal.services, lambda: 60.0)
    assert addressed(portal) == ["partner@example.com"]
    states = {each.mail.state for address, each in people(portal, made.about).items() if "x." in address}
    assert states == {MailState.BY_HAND}
