"""A webhook: an address of another system, what it is told of, and how it is. Times are aware and UTC."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from portal.domain.contacts.recipient_groups import ORGANISATION
from portal.domain.errors import N_, Invalid
from portal.domain.webhooks.event_types import CHOSEN, EventType
from portal.domain.webhooks.signatures import SecretSeed

MAX_WEBHOOKS = 10  # of one owner
PLAIN = re.compile(r"[!-~]+")  # what is printed of ASCII, without blanks
MAX_URL = 500
NAME_CHARACTERS = 60
SWITCHED_OFF_AFTER = timedelta(days=5)  # of nothing but failures
BOTH_SECRETS = timedelta(hours=24)  # while a receiver learns the new one
NOTE_EVERY = timedelta(hours=1)  # so often at most is written down that all is well
HTTPS_PORT = 443


class WebhookState(StrEnum):
    ON = "on"
    OFF = "off"  # by its owner
    FAILED = "failed"  # switched off, since nothing has arrived for days
    REFUSED = "refused"  # switched off, since its receiver answered that it is gone


@dataclass(frozen=True)
class Webhook:
    """owner_id: a person's, or ORGANISATION; made_by, made_by_address: who made it, and is told when it is
    switched off. old_secret: signs too until old_until. failing_since: when the first of the failures was
    that nothing came between; arrived_at: to about an hour.
    """

    id: str
    owner_id: str
    name: str
    url: str
    events: frozenset[EventType]
    secret: SecretSeed
    created_at: datetime
    made_by: str
    made_by_address: str
    state: WebhookState = WebhookState.ON
    old_secret: SecretSeed | None = None
    old_until: datetime | None = None
    failing_since: datetime | None = None
    arrived_at: datetime | None = None
    version: int = 1

    @property
    def is_on(self) -> bool:
        return self.state is WebhookState.ON

    @property
    def is_of_organisation(self) -> bool:
        return self.owner_id == ORGANISATION

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def event_names(self) -> list[str]:
        return sorted(map(str, self.events))

    def is_told_of(self, kind: EventType, owner_id: str, at: datetime) -> bool:
        """Whether something of this person's goes to it: not what was before it was there."""
        is_whose = self.is_of_organisation or self.owner_id == owner_id
        return self.is_on and is_whose and kind in self.events and at >= self.created_at

    def list_seeds(self, now: datetime) -> tuple[SecretSeed, ...]:
        """Of the secrets that sign now, the newest first."""
        old = self.old_secret if self.old_until and now < self.old_until else None
        return (self.secret, old) if old else (self.secret,)

    def rotate(self, seed: SecretSeed, now: datetime) -> Webhook:
        return replace(
            self, secret=seed, old_secret=self.secret, old_until=now + BOTH_SECRETS, version=self.version + 1
        )

    def has_failed_for_long(self, now: datetime) -> bool:
        return self.failing_since is not None and now - self.failing_since >= SWITCHED_OFF_AFTER


def check_name(name: str) -> str:
    if not 1 <= len(name) <= NAME_CHARACTERS:
        raise Invalid(
            N_("Say what it is for, in at most %(most)s characters."),
            field="name", reason="webhook_name", params={"most": NAME_CHARACTERS},
        )  # fmt: skip
    return name


def check_url(url: str, *, http_allowed: bool = False) -> str:
    """An https address; where its host may be is judged each time that it is called."""
    try:
        parts = urlsplit(url)
        port = HTTPS_PORT if parts.port is None else parts.port
    except ValueError:
        raise not_an_address() from None
    is_plain = len(url) <= MAX_URL and PLAIN.fullmatch(url)
    schemes = {"https", "http"} if http_allowed else {"https"}
    if not is_plain or parts.scheme not in schemes or not parts.hostname or not port:
        raise not_an_address()
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Invalid(
            N_("The address must have no password in it, and no part behind a #."),
            field="url", reason="webhook_url_parts",
        )  # fmt: skip
    return url


def not_an_address() -> Invalid:
    return Invalid(
        N_("Give an address such as https://hooks.example.org/portal, of at most %(most)s characters."),
        field="url", reason="webhook_url", params={"most": MAX_URL},
    )  # fmt: skip


def check_events(names: Iterable[str]) -> frozenset[EventType]:
    found = {str(each) for each in names}
    allowed: Collection[str] = {str(each) for each in CHOSEN}
    if not found or not found <= set(allowed):
        raise Invalid(N_("Choose at least one of the events."), field="events", reason="webhook_events")
    return frozenset(map(EventType, found))
