"""Events on their way: tried for three days, and given up with a word to whoever made the webhook."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from portal.domain.audit.record import Action
from portal.domain.errors import Unavailable
from portal.domain.people.directory import AccountStatus, DirectoryUser
from portal.domain.webhooks.deliveries import LIFE, Answer, DeliveryState
from portal.domain.webhooks.webhook import SWITCHED_OFF_AFTER, WebhookState
from portal.engine.workflow import run
from portal.workflows.mail.mail_jobs import send_due
from portal.workflows.people.managing import DISABLE, ManagePerson
from portal.workflows.webhooks.announcing import announce_recent
from portal.workflows.webhooks.by_hand import SEND_WEBHOOK_AGAIN, SendByHand
from portal.workflows.webhooks.delivering import deliver_due
from portal.workflows.webhooks.managing import (
    CHANGE_WEBHOOK,
    DELETE_WEBHOOK,
    ROTATE_WEBHOOK,
    OnWebhook,
    SaveWebhook,
)
from tests.actions import (
    list_mails,
    list_records,
    make_request,
    upload_file,
)
from tests.builders import Clock
from tests.receiver import DOWN, OK
from tests.workflows.webhooks.scene import Scene, make_scene, plenty


@pytest.fixture
def scene(table_in_memory: None, clock: Clock) -> Scene:
    return make_scene(clock)


def test_it_is_tried_for_three_days_with_growing_pauses(scene: Scene) -> None:
    webhook = scene.make(events=["file.uploaded"])
    scene.receiver.answers = [DOWN]
    upload_file(scene.portal, scene.ana)
    began, tries = scene.portal.clock(), list[timedelta]()
    for step in range(75 * 4):
        before = len(scene.receiver.came)
        if step:
            scene.portal.clock.turn(minutes=15)
            deliver_due(scene.services, plenty)
        else:
            scene.minute()
        if len(scene.receiver.came) > before:
            tries.append(scene.portal.clock() - began)
    assert 7 <= len(tries) <= 10
    pauses = [later - sooner for sooner, later in pairwise(tries)]
    assert pauses[:6] == sorted(pauses[:6])
    assert LIFE <= tries[-1] < LIFE + timedelta(minutes=16)
    (delivery,) = scene.list(webhook)
    assert (delivery.state, delivery.due) == (DeliveryState.FAILED, None)
    assert {each.text for each in delivery.attempts} == {"no"}


def test_what_arrives_later_is_the_same_event(scene: Scene) -> None:
    """Byte for byte, so that whoever had it can tell."""
    webhook = scene.make(events=["file.uploaded"])
    scene.receiver.answers = [DOWN, Answer(0, "slow"), OK]
    upload_file(scene.portal, scene.ana)
    for _ in range(12):
        scene.minute()
    assert len(scene.receiver.came) == 3
    assert len(set(scene.receiver.came)) == 1
    (delivery,) = scene.list(webhook)
    assert [each.problem for each in delivery.attempts] == ["status", "slow", ""]
    assert delivery.state is DeliveryState.DELIVERED
    assert scene.get(webhook).failing_since is None


def test_a_pause_that_is_asked_for_is_kept(scene: Scene) -> None:
    scene.make(events=["file.uploaded"])
    scene.receiver.answers = [Answer(429, "status", pause=timedelta(minutes=30)), OK]
    upload_file(scene.portal, scene.ana)
    for minutes in range(1, 40):
        scene.minute()
        assert len(scene.receiver.came) == (1 if minutes <= 30 else 2)


def test_after_five_days_of_failures_it_is_switched_off_with_a_word_to_its_maker(scene: Scene) -> None:
    webhook = scene.make(events=["file.uploaded"])
    scene.receiver.answers = [DOWN]
    for _ in range(6 * 4):
        upload_file(scene.portal, scene.ana)
        scene.minute(60 * 6)
    off = scene.get(webhook)
    assert (off.state, off.failing_since is not None) == (WebhookState.FAILED, True)
    (record,) = list_records(scene.portal, "webhook.switched_off")
    assert record["details"]["M"]["host"]["S"] == "hooks.example.org"
    assert datetime.fromisoformat(record["at"]["S"]) - off.failing_since >= SWITCHED_OFF_AFTER  # type: ignore[operator]
    send_due(scene.services, plenty)
    (mail,) = [each for each in list_mails(scene.portal) if "Orders" in each.subject]
    assert f"/account/webhooks/{webhook.id}" in mail.body
    calls = len(scene.receiver.came)
    upload_file(scene.portal, scene.ana)
    for _ in range(5):
        scene.minute(60 * 6)
    assert len(scene.receiver.came) == calls


def test_one_that_says_it_is_gone_is_switched_off_at_once(scene: Scene) -> None:
    webhook = scene.make(events=["file.uploaded"])
    scene.receiver.answers = [Answer(410, "status")]
    upload_file(scene.portal, scene.ana)
    scene.minute()
    assert scene.get(webhook).state is WebhookState.REFUSED
    (delivery,) = scene.list(webhook)
    assert delivery.state is DeliveryState.FAILED


def test_two_workers_send_one_delivery_once(scene: Scene) -> None:
    webhook = scene.make(events=["file.uploaded"])
    upload_file(scene.portal, scene.ana)
    scene.portal.clock.turn(minutes=1)
    announce_recent(scene.services, plenty)
    (delivery,) = scene.list(webhook)
    now = scene.portal.clock()
    assert scene.services.deliveries.claim(delivery, now, 60)
    assert not scene.services.deliveries.claim(delivery, now, 60)
    deliver_due(scene.services, plenty)
    assert scene.receiver.came == [], "the other has it"
    scene.minute(1.1)
    assert len(scene.receiver.came) == 1, "and was killed"


def test_one_receiver_that_is_down_is_called_once_a_round(scene: Scene) -> None:
    """And keeps no other from its turn."""
    bad, good = scene.make(events=["file.uploaded"]), scene.make(scene.ida, events=["file.uploaded"])
    scene.receiver.answers = [DOWN]
    for _ in range(3):
        upload_file(scene.portal, scene.ana)
    upload_file(scene.portal, scene.ida)
    scene.minute()
    assert len(scene.receiver.came) == 2
    assert [sum(each.tries for each in scene.list(hook)) for hook in (bad, good)] == [1, 1]
    now = scene.portal.clock()
    assert list(scene.services.deliveries.list_due(now)) == [], "the others wait as long as the first"
    assert len(list(scene.services.deliveries.list_due(now + timedelta(minutes=1)))) == 4


@pytest.mark.parametrize("what", ["deleted", "switched off", "its person disabled"])
def test_what_waits_for_one_that_is_gone_is_dropped(scene: Scene, what: str) -> None:
    webhook = scene.make(events=["file.uploaded"])
    upload_file(scene.portal, scene.ana)
    scene.portal.clock.turn(minutes=1)
    announce_recent(scene.services, plenty)
    request = make_request(scene.ana, scene.portal)
    if what == "deleted":
        run(DELETE_WEBHOOK, OnWebhook(request, webhook_id=webhook.id), scene.services)
    elif what == "switched off":
        run(CHANGE_WEBHOOK, SaveWebhook(request, webhook_id=webhook.id, on=False), scene.services)
    else:
        context = ManagePerson(make_request(scene.ida, scene.portal), who=scene.ana.id)
        run(DISABLE, context, scene.services)
    scene.minute()
    assert scene.receiver.came == []
    expected = [] if what == "deleted" else [DeliveryState.DROPPED]
    assert [each.state for each in scene.list(webhook)] == expected


@dataclass
class Directory:
    """Knows one person, or does not answer."""

    user: DirectoryUser | None
    answers: bool = True
    is_there: bool = True

    def get(self, subject: str) -> DirectoryUser | None:
        if not self.answers:
            raise Unavailable
        return self.user


@pytest.mark.requirement("R10")
@pytest.mark.parametrize("what", ["removed", "disabled", "enabled"])
def test_whoever_left_the_directory_hears_nothing_more(scene: Scene, what: str) -> None:
    """The directory tells nobody by itself; while it does not answer, what is due waits."""
    ana = scene.ana
    webhook = scene.make(events=["file.uploaded"])
    upload_file(scene.portal, ana)
    user = DirectoryUser(
        ana.id, ana.subject, ana.name, ana.address, what == "enabled", AccountStatus.CONFIRMED
    )
    directory = Directory(None if what == "removed" else user, answers=False)
    scene.services = replace(scene.services, directory=directory)
    scene.minute()
    (delivery,) = scene.list(webhook)
    assert (delivery.state, scene.receiver.came) == (DeliveryState.QUEUED, [])
    directory.answers = True
    scene.minute()
    (delivery,) = scene.list(webhook)
    expected = DeliveryState.DELIVERED if what == "enabled" else DeliveryState.DROPPED
    assert (delivery.state, len(scene.receiver.came)) == (expected, int(what == "enabled"))


def test_while_a_secret_is_replaced_both_sign_for_a_day(scene: Scene) -> None:
    webhook = scene.make(events=["file.uploaded"])
    old = scene.secret
    context = SaveWebhook(make_request(scene.ana, scene.portal), webhook_id=webhook.id)
    new = run(ROTATE_WEBHOOK, context, scene.services).secret
    assert new.startswith("whsec_")
    assert new != old
    for hours in (1, 25):
        upload_file(scene.portal, scene.ana)
        scene.minute(hours * 60)
    assert [len(each) for each in scene.receiver.secrets] == [2, 1]
    assert scene.receiver.secrets[0][0] == scene.receiver.secrets[1][0]


def test_one_that_failed_is_sent_again_and_tried_anew(scene: Scene) -> None:
    webhook = scene.make(events=["file.uploaded"])
    scene.receiver.answers = [Answer(410, "status"), DOWN, OK]
    upload_file(scene.portal, scene.ana)
    scene.minute()
    (delivery,) = scene.list(webhook)
    scene.portal.clock.turn(seconds=1)
    context = SendByHand(
        make_request(scene.ana, scene.portal), webhook_id=webhook.id, delivery_id=delivery.id
    )
    done = run(SEND_WEBHOOK_AGAIN, context, scene.services).required_delivery
    assert done.state is DeliveryState.QUEUED
    for _ in range(3):
        scene.minute()
    (delivery,) = scene.list(webhook)
    assert (delivery.state, len(delivery.attempts)) == (DeliveryState.DELIVERED, 3)
    assert len(set(scene.receiver.came)) == 1


def test_records_name_the_host_alone(scene: Scene) -> None:
    """Behind it may be a secret of the receiver's."""
    scene.make()
    (record,) = list_records(scene.portal, str(Action.WEBHOOK_MADE))
    assert record["details"]["M"]["host"]["S"] == "hooks.example.org"
    assert "/portal" not in str(record)
