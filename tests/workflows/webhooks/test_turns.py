"""Whose turn it is in a round: none that is slow, or has much to hear, keeps others from theirs."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest

from portal.domain.errors import Conflict, TooMany
from portal.domain.people.person import Person
from portal.domain.webhooks.deliveries import Answer, DeliveryState, Event, draft_delivery
from portal.domain.webhooks.event_types import EventType
from portal.domain.webhooks.webhook import Webhook
from portal.engine.workflow import run
from portal.workflows.mail.mail_jobs import send_due
from portal.workflows.webhooks import delivering
from portal.workflows.webhooks.by_hand import SEND_WEBHOOK_AGAIN, TEST_WEBHOOK, SendByHand
from portal.workflows.webhooks.managing import CHANGE_WEBHOOK, DELETE_WEBHOOK, OnWebhook, SaveWebhook
from tests.actions import list_mails, make_id, make_person, make_request
from tests.builders import Clock
from tests.receiver import OK, Receiver
from tests.web.signing import session_of
from tests.workflows.webhooks.scene import Scene, make_scene, plenty


@pytest.fixture
def scene(table_in_memory: None, clock: Clock) -> Scene:
    return make_scene(clock)


def queue(scene: Scene, webhook: Webhook, count: int) -> None:
    now = scene.portal.clock()
    made = [
        draft_delivery(
            Event(f"evt_{webhook.id}{n}", EventType.FILE_UPLOADED, now, webhook.owner_id, {}), webhook, now
        )
        for n in range(count)
    ]
    assert scene.services.deliveries.add_missing(made) == count


def deliver(scene: Scene, **later: float) -> None:
    scene.portal.clock.turn(**later)
    delivering.deliver_due(scene.services, plenty)


def count_arrived(scene: Scene, webhook: Webhook) -> int:
    page = scene.services.deliveries.list_page(webhook.id, None, 500).items
    return sum(each.state is DeliveryState.DELIVERED for each in page)


@dataclass
class Slow(Receiver):
    """Answers 200, the last moment before it would be given up. open: webhooks being called at the moment."""

    clock: Any = None
    open: int = 0
    most_open: int = 0
    lock: Any = field(default_factory=threading.Lock)

    def post(self, url: str, delivery: Any, secrets: Any, at: datetime) -> Answer:
        with self.lock:
            self.open += 1
            self.most_open = max(self.most_open, self.open)
        time.sleep(0.01)
        with self.lock:
            self.open -= 1
            if self.clock:
                self.clock.turn(seconds=4.9)
            return super().post(url, delivery, secrets, at)


def test_who_has_much_to_hear_keeps_nobody_waiting(scene: Scene) -> None:
    """The oldest of what is due are all of one owner: those of another go out in the same round."""
    busy, quiet = scene.make(), scene.make(scene.ida)
    queue(scene, busy, delivering.MOST_IN_A_ROUND + 50)
    scene.portal.clock.turn(seconds=1)
    queue(scene, quiet, 1)
    deliver(scene, seconds=1)
    assert count_arrived(scene, quiet) == 1
    assert count_arrived(scene, busy) == delivering.MOST_OF_WEBHOOK
    for _ in range(9):
        deliver(scene, minutes=1)
    assert count_arrived(scene, busy) == delivering.MOST_IN_A_ROUND + 50, "none is forgotten"


def test_one_that_is_slow_has_one_turn_a_round(scene: Scene) -> None:
    """And gives way to others of its owner's, which came later."""
    slow, other = scene.make(), scene.make()
    queue(scene, slow, 12)
    scene.portal.clock.turn(seconds=1)
    queue(scene, other, 1)
    scene.receiver = Slow(clock=scene.portal.clock)
    scene.services = replace(scene.services, webhook_poster=scene.receiver)
    deliver(scene, seconds=1)
    assert count_arrived(scene, slow) in {1, 2}
    assert count_arrived(scene, other) == 1
    before = count_arrived(scene, slow)
    deliver(scene, seconds=1)
    assert count_arrived(scene, slow) == before, "the others of its own wait for the next minute"
    deliver(scene, minutes=1)
    assert count_arrived(scene, slow) > before


@pytest.mark.parametrize("owners", [1, 2])
def test_an_owner_has_two_callers_at_most(scene: Scene, owners: int) -> None:
    people = [scene.ana, scene.ida][:owners]
    webhooks = [scene.make(each) for each in people for _ in range(5)]
    for each in webhooks:
        queue(scene, each, 2)
    scene.receiver = Slow()
    scene.services = replace(scene.services, webhook_poster=scene.receiver)
    deliver(scene, seconds=1)
    assert [count_arrived(scene, each) for each in webhooks] == [2] * len(webhooks)
    assert owners <= scene.receiver.most_open <= 2 * owners


def test_a_history_goes_with_its_webhook(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """In as many rounds as it takes, and nothing stays due."""
    monkeypatch.setattr(delivering, "FORGOTTEN_AT_ONCE", 2)
    webhook, kept = scene.make(), scene.make()
    for each in (webhook, kept):
        queue(scene, each, 3)
    deliver(scene, seconds=1)
    context = OnWebhook(make_request(scene.ana, scene.portal), webhook_id=webhook.id)
    run(DELETE_WEBHOOK, context, scene.services)
    left = iter([29.0])
    delivering.deliver_due(scene.services, lambda: next(left, 0.0))
    assert 0 < len(scene.list(webhook)) < 3
    deliver(scene, seconds=1)
    assert (len(scene.list(webhook)), len(scene.list(kept))) == (0, 3)
    assert list(scene.services.deliveries.list_due(scene.portal.clock())) == []


def test_what_was_changed_since_it_was_seen_is_not_deleted(scene: Scene) -> None:
    """Neither where the program's own version is older, nor where another change comes between."""
    webhook = scene.make()
    request = make_request(scene.ana, scene.portal)
    run(CHANGE_WEBHOOK, SaveWebhook(request, webhook_id=webhook.id, name="Invoices"), scene.services)
    seen = OnWebhook(request, webhook_id=webhook.id, version=webhook.version)
    with pytest.raises(Conflict):
        run(DELETE_WEBHOOK, seen, scene.services)
    context = OnWebhook(request, webhook_id=webhook.id)
    with pytest.raises(Conflict):
        run(DELETE_WEBHOOK, context, replace(scene.services, webhooks=Stale(scene, webhook)))
    assert scene.get(webhook).name == "Invoices"


class Stale:
    """Finds a webhook as it was."""

    def __init__(self, scene: Scene, webhook: Webhook) -> None:
        self.scene, self.webhook = scene, webhook

    def get(self, owner_id: str, webhook_id: str) -> Webhook:
        return self.webhook

    def __getattr__(self, name: str) -> Any:
        return getattr(self.scene.services.webhooks, name)


@pytest.mark.parametrize("how", ["test", "again"])
def test_nobody_has_the_portal_call_without_end(scene: Scene, how: str) -> None:
    webhook = scene.make()
    queue(scene, webhook, 1)
    deliver(scene, seconds=1)
    (delivery,) = scene.list(webhook)

    def ask(who: Person) -> None:
        asked = SendByHand(
            make_request(who, scene.portal), webhook_id=webhook.id, submission_id=make_id(scene.portal),
            delivery_id=delivery.id,
        )  # fmt: skip
        run(TEST_WEBHOOK if how == "test" else SEND_WEBHOOK_AGAIN, asked, scene.services)

    most = scene.services.limits.rates.tests.each
    for _ in range(most):
        scene.portal.clock.turn(seconds=1)
        ask(scene.ana)
    calls = len(scene.receiver.came)
    with pytest.raises(TooMany):
        ask(scene.ana)
    assert len(scene.receiver.came) == calls == most + 1
    scene.portal.clock.turn(minutes=11)
    ask(scene.ana)


@pytest.mark.parametrize("is_everyones", [True, False])
def test_whoever_can_switch_it_on_again_hears_that_it_is_off(scene: Scene, is_everyones: bool) -> None:
    """Of the organisation's all who are administrators by now, not only who made it."""
    ada, former = make_person("Ada Minh", admin=True), scene.ida
    session_of(scene.portal, ada)
    scene.make(former, owner_id="organisation") if is_everyones else scene.make(former)
    services = scene.services
    services.people.keep_roles(replace(former, roles=make_person("Ida Admin").roles))
    scene.receiver.answers = [Answer(410, "status"), OK]
    (webhook,) = services.webhooks.list_all()
    queue(scene, webhook, 1)
    deliver(scene, seconds=1)
    send_due(services, plenty)
    told = {
        to
        for each in list_mails(scene.portal)
        if "Orders" in each.subject
        for to in each.destinations["ToAddresses"]
    }
    assert told == {ada.address if is_everyones else former.address}
