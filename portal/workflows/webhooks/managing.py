"""Webhooks of one's own, and of the organisation for administrators: making, changing and deleting them, new
secrets, and asking for a delivery by hand. A secret is shown once, by who made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from portal.domain.audit.record import Action
from portal.domain.contacts.recipient_groups import ORGANISATION
from portal.domain.errors import N_, Conflict, Invalid, NotFound
from portal.domain.ids import derive_id, is_id
from portal.domain.mail.email_message import plain_line
from portal.domain.people.permissions import require_admin
from portal.domain.webhooks import webhook as rules
from portal.domain.webhooks.webhook import MAX_WEBHOOKS, Webhook, WebhookState
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow, collect_refusals


@dataclass(frozen=True, kw_only=True)
class OnWebhook(Context):
    """owner_id: empty for one's own, else ORGANISATION. version: the one that was read, if that matters."""

    owner_id: str = ""
    webhook_id: str = ""
    version: int | None = None
    webhook: Webhook | None = None
    after: Webhook | None = None

    @property
    def whose(self) -> str:
        return self.owner_id or self.me.id

    @property
    def required_webhook(self) -> Webhook:
        if self.webhook is None:
            raise RuntimeError("the webhook is found first")
        return self.webhook

    @property
    def required_after(self) -> Webhook:
        if self.after is None:
            raise RuntimeError("the webhook is drafted first")
        return self.after


On = TypeVar("On", bound=OnWebhook)


@dataclass(frozen=True, kw_only=True)
class SaveWebhook(OnWebhook):
    """name, url, events: as typed and ticked; None leaves them as they are. on: whether it is switched on.
    secret: what is shown this once.
    """

    name: str | None = None
    url: str | None = None
    events: Sequence[str] | None = None
    on: bool | None = None
    secret: str = ""


def require_own(context: On, services: Services) -> On:
    """Of the organisation's only administrators hear; one's own need no privilege: what they tell is what
    one sees anyway.
    """
    if context.owner_id == ORGANISATION:
        require_admin(context.me)
    elif context.owner_id:
        raise NotFound()
    return context


def find_webhook(context: On, services: Services) -> On:
    found = services.webhooks.get(context.whose, context.webhook_id)
    if found is None:
        raise NotFound()
    return replace(context, webhook=found, details=describe_webhook(found))


def describe_webhook(webhook: Webhook) -> dict[str, str]:
    """Of the address only the host: what is behind it may be a secret of its receiver."""
    return {
        "name": webhook.name, "webhook": webhook.id, "host": webhook.host,
        "events": " ".join(sorted(webhook.events)),
        **({"whose": "organisation"} if webhook.is_of_organisation else {}),
    }  # fmt: skip


def check_form(context: SaveWebhook, services: Services) -> SaveWebhook:
    return collect_refusals(context, services, (check_id, check_name, check_url, check_events))


def check_id(context: SaveWebhook, services: Services) -> SaveWebhook:
    if not is_id(context.webhook_id):
        raise Invalid(N_("This form is incomplete. Please open it again."), reason="submission")
    return context


def check_name(context: SaveWebhook, services: Services) -> SaveWebhook:
    name = context.name
    return context if name is None else replace(context, name=rules.check_name(plain_line(name)))


def check_url(context: SaveWebhook, services: Services) -> SaveWebhook:
    """Where it leads is judged when it is called."""
    http_allowed = services.webhook_poster.loopback_allowed
    url = context.url
    return (
        context if url is None
        else replace(context, url=rules.check_url(url.strip(), http_allowed=http_allowed))
    )  # fmt: skip


def check_events(context: SaveWebhook, services: Services) -> SaveWebhook:
    if context.events is not None:
        rules.check_events(context.events)
    return context


def derive_webhook_id(context: SaveWebhook, services: Services) -> SaveWebhook:
    """Of the form and who sent it: what a form names may be another's, and deliveries lie under this id."""
    made = derive_id("webhook", context.whose, context.me.id, context.webhook_id)
    return replace(context, webhook_id=made)


def draft_webhook(context: SaveWebhook, services: Services) -> SaveWebhook:
    made = Webhook(
        context.webhook_id, context.whose, context.name or "", context.url or "",
        rules.check_events(context.events or ()), services.webhook_keys.make_seed(), context.now,
        context.me.id, context.me.address,
    )  # fmt: skip
    return replace(context, after=made, details=describe_webhook(made))


def check_number(context: SaveWebhook, services: Services) -> SaveWebhook:
    """Of several made at the same moment all may pass: the limit keeps a list short and protects nothing."""
    known = services.webhooks.list_of(context.whose)
    if len(known) >= MAX_WEBHOOKS and context.webhook_id not in {each.id for each in known}:
        raise Conflict(
            N_("There can be at most %(most)s webhooks. Delete one that is no longer needed."),
            reason="too_many_webhooks", params={"most": MAX_WEBHOOKS},
        )  # fmt: skip
    return context


def make(context: SaveWebhook, services: Services) -> SaveWebhook:
    """The same form again finds what it made, whose secret can still be derived, where it says the same."""
    webhook = context.required_after
    if not services.webhooks.make(webhook, context.required_record):
        known = services.webhooks.get(webhook.owner_id, webhook.id)
        if known is None or (known.url, known.events, known.name) != (
            webhook.url, webhook.events, webhook.name
        ) or known.version > 1:  # fmt: skip
            raise Conflict(reason="submission_reused")
        webhook = known
    return replace(
        context, after=webhook, secret=services.webhook_keys.show_secret(webhook.id, webhook.secret)
    )


def require_unchanged(context: On, services: Services) -> On:
    if context.version is not None and context.version != context.required_webhook.version:
        raise Conflict()
    return context


def draft_change(context: SaveWebhook, services: Services) -> SaveWebhook:
    before = context.required_webhook
    state = before.state if context.on is None or context.on == before.is_on else (
        WebhookState.ON if context.on else WebhookState.OFF
    )  # fmt: skip
    after = replace(
        before, state=state, version=before.version + 1,
        name=before.name if context.name is None else context.name,
        url=before.url if context.url is None else context.url,
        events=before.events if context.events is None else rules.check_events(context.events),
    )  # fmt: skip
    details = {**describe_webhook(after), "state": str(after.state)}
    return replace(context, after=after, details=details)


def change(context: SaveWebhook, services: Services) -> SaveWebhook:
    before, after = context.required_webhook, context.required_after
    if not services.webhooks.change(before, after, context.required_record):
        raise Conflict()
    return context


def draft_secret(context: SaveWebhook, services: Services) -> SaveWebhook:
    after = context.required_webhook.rotate(services.webhook_keys.make_seed(), context.now)
    return replace(context, after=after)


def show_secret(context: SaveWebhook, services: Services) -> SaveWebhook:
    after = context.required_after
    return replace(context, secret=services.webhook_keys.show_secret(after.id, after.secret))


def delete(context: OnWebhook, services: Services) -> OnWebhook:
    if not services.webhooks.delete(context.required_webhook, context.required_record, context.now):
        raise Conflict()
    return context


MAKE_WEBHOOK: Workflow[SaveWebhook] = Workflow(
    "make_webhook",
    Action.WEBHOOK_MADE,
    {
        Stage.VALIDATE: (check_form,),
        Stage.IDENTIFY: (derive_webhook_id,),
        Stage.AUTHORIZE: (require_own, check_number),
        Stage.AUDIT: (draft_webhook,),
        Stage.PROCESS: (make,),
    },
)
CHANGE_WEBHOOK: Workflow[SaveWebhook] = Workflow(
    "change_webhook",
    Action.WEBHOOK_CHANGED,
    {
        Stage.VALIDATE: (check_form,),
        Stage.IDENTIFY: (find_webhook,),
        Stage.AUTHORIZE: (require_own, require_unchanged),
        Stage.AUDIT: (draft_change,),
        Stage.PROCESS: (change,),
    },
)
ROTATE_WEBHOOK: Workflow[SaveWebhook] = Workflow(
    "rotate_webhook",
    Action.WEBHOOK_SECRET_CHANGED,
    {
        Stage.IDENTIFY: (find_webhook,),
        Stage.AUTHORIZE: (require_own, require_unchanged),
        Stage.AUDIT: (draft_secret,),
        Stage.PROCESS: (change, show_secret),
    },
)
DELETE_WEBHOOK: Workflow[OnWebhook] = Workflow(
    "delete_webhook",
    Action.WEBHOOK_DELETED,
    {
        Stage.IDENTIFY: (find_webhook,),
        Stage.AUTHORIZE: (require_own, require_unchanged),
        Stage.PROCESS: (delete,),
    },
)
