"""Posting what is due: claim, call, settle. Several webhooks at a time, each by itself in order, so that one
that hangs keeps no other waiting; and each owner and webhook with a share of a round, so that one that is
slow, or has much to hear, does not either.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.errors import Forbidden, SignInNeeded, Unavailable
from portal.domain.ids import derive_id
from portal.domain.mail.mail_job import MailJob
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.domain.webhooks.deliveries import GONE, Delivery, DeliveryPlace, DeliveryState
from portal.domain.webhooks.webhook import Webhook, WebhookState
from portal.engine.budgets import MIN_REMAINING_SECONDS, SecondsLeft
from portal.engine.rights import find_trusted
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures

log = logging.getLogger(__name__)

AT_ONCE = 8  # webhooks that are called at a time
AT_ONCE_OF_OWNER = 2
MOST_IN_A_ROUND = 200  # deliveries
MOST_OF_OWNER = 50
MOST_OF_WEBHOOK = 25
MOST_LOOKED_AT = 10_000  # of those that are due, to come to those of others
TURN_SECONDS = 5.0  # after which a webhook has had its turn
PAUSE = timedelta(minutes=1)  # of the others, where one is given up or the turn is over
FORGOTTEN_AT_ONCE = 50
MOST_TOLD = 90  # administrators; a transaction takes 100 writes
LEASE_SECONDS = 60  # longer than a call and its writes


def deliver_due(services: Services, seconds_left: SecondsLeft) -> int:
    """What the schedule does; returns how many arrived."""
    waiting = choose_places(services.deliveries.list_due(services.clock()))
    if not waiting:
        return 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rounds = [
            pool.submit(copy_context().run, deliver_to_some, some, services, seconds_left)
            for of_owner in waiting.values()
            for some in deal(list(of_owner.values()), AT_ONCE_OF_OWNER)
        ]
    return sum(each.result() for each in rounds)


Places = list[DeliveryPlace]


def choose_places(due: Iterable[DeliveryPlace]) -> dict[str, dict[str, Places]]:
    """What a round deals with, by owner and webhook, from what is due, the oldest first."""
    waiting, chosen, of_owners = dict[str, dict[str, Places]](), 0, Counter[str]()
    for place in islice(due, MOST_LOOKED_AT):
        of_webhook = waiting.setdefault(place.owner_id, {}).setdefault(place.webhook_id, [])
        if len(of_webhook) < MOST_OF_WEBHOOK and of_owners[place.owner_id] < MOST_OF_OWNER:
            of_webhook.append(place)
            of_owners[place.owner_id] += 1
            chosen += 1
        if chosen == MOST_IN_A_ROUND:
            break
    return waiting


def deal(webhooks: Sequence[Places], hands: int) -> list[Sequence[Places]]:
    return [webhooks[first::hands] for first in range(min(hands, len(webhooks)))]


def deliver_to_some(webhooks: Sequence[Places], services: Services, seconds_left: SecondsLeft) -> int:
    """To some of one owner's, one after the other."""
    return sum(deliver_to_one(places, services, seconds_left) for places in webhooks if places)


def deliver_to_one(places: Places, services: Services, seconds_left: SecondsLeft) -> int:
    """To one webhook, where its owner may still act; where nobody can say, again in a minute."""
    webhook = services.webhooks.get(places[0].owner_id, places[0].webhook_id)
    if webhook is None:
        forget_history(places[0].webhook_id, services, seconds_left)
        return 0
    try:
        if is_shut_out(webhook, services):
            webhook = None
    except Unavailable:
        return 0
    return deliver_in_turn(places, webhook, services, seconds_left)


def deliver_in_turn(
    places: Sequence[DeliveryPlace], webhook: Webhook | None, services: Services, seconds_left: SecondsLeft
) -> int:
    """Until one does not arrive: the others would not either, and wait as long. Or until its turn is over."""
    arrived, until = 0, None
    turn_ends = services.clock.monotonic() + TURN_SECONDS
    for place in places:
        if seconds_left() < MIN_REMAINING_SECONDS:
            break
        with isolate_failures("delivery to a webhook"):
            delivery = services.deliveries.get(place.webhook_id, place.delivery_id)
            if delivery is None or not delivery.is_due(services.clock()):
                continue
            if until:
                services.deliveries.put_off(delivery, until)
                continue
            made = deliver(delivery, webhook, services)
            if made is None or webhook is None or made.state is DeliveryState.DROPPED:
                continue
            webhook = note(webhook, made, services)
            arrived += made.state is DeliveryState.DELIVERED
            if made.state is not DeliveryState.DELIVERED or services.clock.monotonic() >= turn_ends:
                until = made.due or services.clock() + PAUSE
    return arrived


def forget_history(webhook_id: str, services: Services, seconds_left: SecondsLeft) -> None:
    """Of a webhook that is deleted; what is left when the time is over, in the next round."""
    while seconds_left() >= MIN_REMAINING_SECONDS:
        some = services.deliveries.list_page(webhook_id, None, FORGOTTEN_AT_ONCE).items
        if not some:
            services.deliveries.end_forgetting(webhook_id)
            return
        services.deliveries.forget(some)


def deliver(delivery: Delivery, webhook: Webhook | None, services: Services) -> Delivery | None:
    """One try; None where somebody else has it. One whose webhook is gone or switched off by now is dropped,
    but for one that its owner has just asked for. Raises Unavailable where nobody knows whether they still
    may.
    """
    now = services.clock()
    is_wanted = webhook and (webhook.is_on or delivery.asked_for) and not is_shut_out(webhook, services)
    if not services.deliveries.claim(delivery, now, LEASE_SECONDS):
        return None
    if webhook is None or not is_wanted:
        after = delivery.drop()
    else:
        secrets = [services.webhook_keys.derive_secret(webhook.id, each) for each in webhook.list_seeds(now)]
        answer = services.webhook_poster.post(webhook.url, delivery, secrets, now)
        after = delivery.add_answer(answer, now)
    services.deliveries.settle(after, claimed=delivery.tries + 1)
    return after


def is_shut_out(webhook: Webhook, services: Services) -> bool:
    """Whether its owner is not let in any more: nothing of theirs goes out behind their back."""
    if webhook.is_of_organisation:
        return False
    try:
        find_trusted(webhook.owner_id, services.clock(), services, None)
    except (SignInNeeded, Forbidden):
        return True
    return False


def note(webhook: Webhook, delivery: Delivery, services: Services) -> Webhook:
    """How the webhook is by now, by what became of a delivery; after days of nothing but failures it is
    switched off, and at once where its receiver says that it is gone.
    """
    now, last = services.clock(), delivery.last
    if not webhook.is_on or last is None:
        return webhook
    webhook = services.webhooks.note_outcome(webhook, now, arrived=delivery.state is DeliveryState.DELIVERED)
    if last.status == GONE:
        return switch_off(webhook, WebhookState.REFUSED, services)
    return switch_off(webhook, WebhookState.FAILED, services) if webhook.has_failed_for_long(now) else webhook


def switch_off(webhook: Webhook, why: WebhookState, services: Services) -> Webhook:
    now = services.clock()
    record = AuditRecord(
        now, Action.WEBHOOK_SWITCHED_OFF, PORTAL, webhook.made_by, workflow="webhooks",
        details={"name": webhook.name, "webhook": webhook.id, "host": webhook.host, "why": str(why)},
    )  # fmt: skip
    if services.webhooks.switch_off(webhook, why, record, draft_notices(webhook, why, services)):
        log.warning("a webhook was switched off", extra={"webhook": webhook.id, "why": str(why)})
    return replace(webhook, state=why)


def draft_notices(webhook: Webhook, why: WebhookState, services: Services) -> list[Notification]:
    """To whoever made it; where it is the organisation's, to those who are administrators now."""
    now = services.clock()
    values = {"name": webhook.name, "host": webhook.host, "why": str(why), "webhook": webhook.id}
    values["whose"] = "organisation" if webhook.is_of_organisation else ""
    return [
        Notification(
            id=derive_id(NotificationKind.WEBHOOK_OFF, webhook.id, str(webhook.version), str(why), person_id),
            kind=NotificationKind.WEBHOOK_OFF, to=address, share_id="", person_id=person_id,
            values=values, created_at=now, mail=MailJob(due_at=now, changed_at=now),
        )
        for person_id, address in list_told(webhook, services).items()
        if address
    ]  # fmt: skip


def list_told(webhook: Webhook, services: Services) -> dict[str, str]:
    """The addresses of those who hear how a webhook is, by their id."""
    maker = {webhook.made_by: webhook.made_by_address}
    if not webhook.is_of_organisation:
        return maker
    known = sorted(services.people_administration.list_administrators())[:MOST_TOLD]
    return {each.id: each.address for each in services.people.get_many(known).values()} or maker
