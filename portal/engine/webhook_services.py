"""What workflows are handed for webhooks: where they are kept, what is on its way to them, and the call."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.mail.notifications import Notification
from portal.domain.paging import Page
from portal.domain.webhooks.deliveries import Answer, Delivery, DeliveryPlace
from portal.domain.webhooks.webhook import Webhook, WebhookState


class Webhooks(Protocol):
    def make(self, webhook: Webhook, record: AuditRecord) -> bool:
        """False where one of this id is there already."""

    def get(self, owner_id: str, webhook_id: str) -> Webhook | None: ...
    def list_of(self, owner_id: str) -> list[Webhook]:
        """The oldest first."""

    def list_all(self) -> Iterable[Webhook]:
        """Everyone's; what was made a moment ago may be missing."""

    def change(self, before: Webhook, after: Webhook, record: AuditRecord) -> bool:
        """Its name, address, events, state and secrets; False where it is not as it was read."""

    def delete(self, webhook: Webhook, record: AuditRecord, now: datetime) -> bool:
        """False where it is not as it was read. Its history is due to be forgotten from now on."""

    def forget(self, webhook: Webhook) -> None: ...
    def note_outcome(self, webhook: Webhook, now: datetime, *, arrived: bool) -> Webhook:
        """Write down, where that is news, since when nothing arrives, or that it does; the webhook then."""

    def switch_off(
        self, webhook: Webhook, why: WebhookState, record: AuditRecord, notices: Sequence[Notification]
    ) -> bool:
        """False where it is not on any more."""


class Deliveries(Protocol):
    def add_missing(self, deliveries: Sequence[Delivery]) -> int:
        """Queue those that are not there yet; returns how many those were."""

    def get(self, webhook_id: str, delivery_id: str) -> Delivery | None: ...
    def list_page(self, webhook_id: str, cursor: str | None, limit: int) -> Page[Delivery]:
        """The newest first."""

    def forget(self, deliveries: Sequence[Delivery]) -> None: ...
    def end_forgetting(self, webhook_id: str) -> None:
        """The history of a webhook that was deleted is gone: there is nothing left to come back for."""

    def list_due(self, now: datetime) -> Iterable[DeliveryPlace]: ...
    def add(self, delivery: Delivery, record: AuditRecord) -> bool:
        """Queue one with the record of who asked for it; False where it is there already."""

    def claim(self, delivery: Delivery, now: datetime, lease_seconds: int) -> bool:
        """Only the worker that saw it as it stands gets it; one that dies lets its lease run out."""

    def put_off(self, delivery: Delivery, until: datetime) -> None:
        """Leave one for later, unless someone else has it by now."""

    def settle(self, delivery: Delivery, claimed: int) -> bool:
        """What became of it. claimed: the try that this worker had taken; False where another has one."""

    def queue_again(self, before: Delivery, after: Delivery, record: AuditRecord) -> bool:
        """False where it is not as it was read."""


class WebhookPoster(Protocol):
    """loopback_allowed: whether addresses may be this machine's own, and http, as in the local portal."""

    @property
    def loopback_allowed(self) -> bool: ...
    def post(self, url: str, delivery: Delivery, secrets: Sequence[bytes], at: datetime) -> Answer:
        """What came of it, whatever that was; takes five seconds at most."""
