"""Two people, a portal, and a receiver in the place of the network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from portal.domain.people.person import Person
from portal.domain.webhooks.deliveries import Delivery
from portal.domain.webhooks.event_types import CHOSEN
from portal.domain.webhooks.webhook import Webhook
from portal.engine.services import Services
from portal.engine.workflow import run
from portal.workflows.upkeep.seal_log import seal_log
from portal.workflows.webhooks.announcing import announce_recent
from portal.workflows.webhooks.delivering import deliver_due
from portal.workflows.webhooks.managing import (
    MAKE_WEBHOOK,
    SaveWebhook,
)
from tests.actions import (
    make_id,
    make_person,
    make_request,
)
from tests.builders import Clock, Running, make_running
from tests.receiver import Receiver
from tests.web.signing import session_of

URL = "https://hooks.example.org/portal"


@dataclass
class Scene:
    portal: Running
    services: Services
    receiver: Receiver
    ana: Person
    ida: Person

    def make(self, who: Person | None = None, **fields: Any) -> Webhook:
        person = who or self.ana
        context = SaveWebhook(
            make_request(person, self.portal), webhook_id=make_id(self.portal), name="Orders", url=URL,
            events=[str(each) for each in fields.pop("events", CHOSEN)], **fields,
        )  # fmt: skip
        made = run(MAKE_WEBHOOK, context, self.services)
        self.secret = made.secret
        return made.required_after

    def minute(self, minutes: float = 1) -> None:
        """What the schedule does about webhooks once a minute."""
        self.portal.clock.turn(minutes=minutes)
        seal_log(self.services, plenty)
        announce_recent(self.services, plenty)
        deliver_due(self.services, plenty)

    def get(self, webhook: Webhook) -> Webhook:
        found = self.services.webhooks.get(webhook.owner_id, webhook.id)
        assert found is not None
        return found

    def list(self, webhook: Webhook) -> list[Delivery]:
        return list(self.services.deliveries.list_page(webhook.id, None, 50).items)


def plenty() -> float:
    return 29.0


def make_scene(clock: Clock) -> Scene:
    portal, receiver = make_running(clock), Receiver()
    services = replace(portal.portal.services, webhook_poster=receiver)
    ana, ida = make_person("Ana Lopes"), make_person("Ida Admin", admin=True)
    for each in (ana, ida):
        session_of(portal, each)
    return Scene(portal, services, receiver, ana, ida)
