"""What the mail service tells of an email, and what only looks as if it did."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.mail.mail_job import MailState
from portal.domain.shares.share import Recipient
from tests import actions
from tests.builders import Running
from tests.events.conftest import Arrivals
from tests.recorded_events import Event, batch, load_event, mail_news

pytestmark = pytest.mark.requirement("R55")

ANA = actions.make_person()


@pytest.fixture
def invited(portal: Running) -> Recipient:
    """A partner whose email the mail service has accepted."""
    made = actions.share_files(portal, ANA, [actions.upload_file(portal, ANA)])
    return now_of(portal, made.recipients[0])


def now_of(portal: Running, recipient: Recipient) -> Recipient:
    found = portal.portal.services.shares.get_with_recipient(recipient.share_id, recipient.id)
    assert found is not None
    return found[1]


def news(kind: str, recipient: Recipient, **changes: Any) -> Event:
    """A recorded event, about this recipient's mail."""
    mail = load_event(f"ses_{kind}")["mail"] | {"messageId": recipient.mail.message_id}
    return mail_news(f"ses_{kind}", mail=mail, **changes)


@pytest.mark.requirement("I7")
@pytest.mark.parametrize(
    ("kind", "state", "problem"),
    [
        ("delivery", MailState.DELIVERED, ""),
        ("bounce", MailState.BOUNCED, "smtp; 550 5.1.1 user unknown"),
        ("complaint", MailState.COMPLAINED, "abuse"),
    ],
)
def test_the_sender_sees_what_became_of_a_mail(
    arrive: Arrivals, portal: Running, invited: Recipient, kind: str, state: MailState, problem: str
) -> None:
    """Told twice, recorded once."""
    for _ in range(2):
        assert arrive(batch(news(kind, invited))) == {"batchItemFailures": []}
    mail = now_of(portal, invited).mail
    assert (mail.state, mail.problem) == (state, problem)
    assert len(actions.list_records(portal, f"mail.{state}")) == 1


def test_news_out_of_order(arrive: Arrivals, portal: Running, invited: Recipient) -> None:
    """A delivery that is told after the bounce does not undo it."""
    arrive(batch(news("bounce", invited), news("delivery", invited)))
    assert now_of(portal, invited).mail.state is MailState.BOUNCED


def test_straight_from_the_topic(arrive: Arrivals, portal: Running, invited: Recipient) -> None:
    """The same news, where the topic is wired to the function itself."""
    record = {"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": news("delivery", invited)}
    assert arrive({"Records": [record]}) == {}
    assert now_of(portal, invited).mail.state is MailState.DELIVERED


def test_held_back_for_a_virus(arrive: Arrivals, portal: Running, invited: Recipient) -> None:
    """An email that SES took and then rejected never arrives."""
    arrive(batch(news("delivery", invited, eventType="Reject", reject={"reason": "Bad content"})))
    mail = now_of(portal, invited).mail
    assert (mail.state, mail.problem) == (MailState.BOUNCED, "Bad content")


def out_of_office(recipient: Recipient) -> Event:
    return news("bounce", recipient, bounce={"bounceType": "Transient", "bounceSubType": "General"})


def name_other_topic(recipient: Recipient) -> Event:
    return news("bounce", recipient) | {
        "TopicArn": "arn:aws:sns:eu-central-1:666666666666:portal-mail-feedback"
    }


def subscription(recipient: Recipient) -> Event:
    changes = {"Type": "SubscriptionConfirmation", "SubscribeURL": "http://192.0.2.66/latest/meta-data"}
    return news("bounce", recipient) | changes


def unknown_mail(recipient: Recipient) -> Event:
    return mail_news("ses_bounce")


def make_open_event(recipient: Recipient) -> Event:
    return news("delivery", recipient, eventType="Open", open={"ipAddress": "192.0.2.1"})


def command(recipient: Recipient) -> Event:
    envelope: Event = load_event("sns_envelope", Message=json.dumps({"command": "os.getcwd"}))
    return envelope


@pytest.mark.requirement("T15")
def test_what_is_no_news_changes_nothing(arrive: Arrivals, portal: Running, invited: Recipient) -> None:
    """Ignored without effect, and no failure; nothing is fetched or called."""
    before = actions.list_rows(portal)
    for make in (out_of_office, name_other_topic, subscription, unknown_mail, make_open_event, command):
        assert arrive(batch(make(invited))) == {"batchItemFailures": []}, make
        assert actions.list_rows(portal) == before, make


def test_without_a_topic_no_news_is_taken(
    make_arrivals: Callable[..., Arrivals], portal: Running, invited: Recipient
) -> None:
    """A portal that was told of no topic believes none, also not one without a name."""
    arrive = make_arrivals({"feedback_topic_arn": ""})
    arrive(batch(news("bounce", invited), news("bounce", invited) | {"TopicArn": ""}))
    assert now_of(portal, invited).mail.state is MailState.SENT


def test_malformed_news_comes_again(arrive: Arrivals, invited: Recipient) -> None:
    """What cannot be read goes to the dead letters in the end, beside others that are taken."""
    broken = load_event("sns_envelope", Message="{")
    assert arrive(batch(broken, news("delivery", invited))) == {
        "batchItemFailures": [{"itemIdentifier": "0"}]
    }


@pytest.mark.parametrize(
    ("kinds", "state", "held"),
    [
        (("Permanent", "OnAccountSuppressionList"), MailState.HELD, True),
        (("Permanent", "Suppressed"), MailState.HELD, True),
        (("Permanent", "NoEmail"), MailState.BOUNCED, True),
        (("Transient", "MailboxFull"), MailState.BOUNCED, False),
        (("Undetermined", "Undetermined"), MailState.BOUNCED, False),
    ],
)
def test_kinds_of_bounces(
    arrive: Arrivals,
    portal: Running,
    invited: Recipient,
    kinds: tuple[str, str],
    state: MailState,
    held: bool,
) -> None:
    """Held back by SES, come back for good, come back for now."""
    bounce = load_event("ses_bounce")["bounce"] | {"bounceType": kinds[0], "bounceSubType": kinds[1]}
    arrive(batch(news("bounce", invited, bounce=bounce)))
    assert now_of(portal, invited).mail.state is state
    assert (portal.portal.services.suppression_list.get(invited.address) is not None) is held
