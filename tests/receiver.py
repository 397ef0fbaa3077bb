"""A receiver of webhooks in the place of the network: keeps what comes, and answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from portal.domain.people.person import Person
from portal.domain.webhooks.deliveries import Answer, Delivery
from portal.engine.workflow import run
from portal.workflows.webhooks.by_hand import TEST_WEBHOOK, SendByHand
from portal.workflows.webhooks.managing import MAKE_WEBHOOK, SaveWebhook
from tests.actions import make_id, make_request
from tests.builders import Running

OK, DOWN = Answer(204), Answer(500, "status", "no")


@dataclass
class Receiver:
    """answers: in turn, the last of them from then on. came: addresses and bodies."""

    answers: list[Answer] = field(default_factory=lambda: [OK])
    came: list[tuple[str, str]] = field(default_factory=list)
    secrets: list[tuple[bytes, ...]] = field(default_factory=list)
    loopback_allowed: bool = False

    def post(self, url: str, delivery: Delivery, secrets: Sequence[bytes], at: datetime) -> Answer:
        self.came.append((url, delivery.body))
        self.secrets.append(tuple(secrets))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.came]

    @property
    def kinds(self) -> list[str]:
        return sorted(each["type"] for each in self.events)


def name_webhook(portal: Running, owner: Person) -> tuple[str, str]:
    """A webhook of theirs and a test that was sent to it, at an address for examples, which is not called."""
    services = portal.portal.services
    made = run(MAKE_WEBHOOK, SaveWebhook(make_request(owner, portal), webhook_id=make_id(portal),
                                         name="Orders", url="https://192.0.2.1/", events=["file.uploaded"]),
               services)  # fmt: skip
    webhook_id = made.required_after.id
    test = SendByHand(make_request(owner, portal), webhook_id=webhook_id, submission_id=make_id(portal))
    return webhook_id, run(TEST_WEBHOOK, test, services).required_delivery.id
