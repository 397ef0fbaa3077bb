"""`/account/webhooks`: one's own webhooks, their history, and trying them. `/admin/webhooks` is the same for
the organisation's.
"""

from __future__ import annotations

import json
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.domain.contacts.recipient_groups import ORGANISATION
from portal.domain.errors import Conflict, Invalid, Several
from portal.domain.ids import make_sortable_id
from portal.domain.webhooks.deliveries import Delivery, DeliveryState
from portal.domain.webhooks.event_types import CHOSEN
from portal.domain.webhooks.webhook import MAX_WEBHOOKS, Webhook
from portal.engine.workflow import run
from portal.queries import webhooks as queries
from portal.web.current import now, services
from portal.web.edge.audience import Audience, Place
from portal.web.forms.refusals import add_errors
from portal.web.forms.webhooks import SendForm, WebhookForm
from portal.web.identity.access import current_person, staff_request
from portal.web.identity.kept_forms import restore_form
from portal.web.wording.webhook_words import describe_attempt, describe_event
from portal.workflows.webhooks.by_hand import SEND_WEBHOOK_AGAIN, TEST_WEBHOOK, SendByHand
from portal.workflows.webhooks.managing import (
    CHANGE_WEBHOOK,
    DELETE_WEBHOOK,
    MAKE_WEBHOOK,
    ROTATE_WEBHOOK,
    OnWebhook,
    SaveWebhook,
)

ONE, DELIVERY = "/<webhook_id>", "/<webhook_id>/deliveries/<delivery_id>"
Answer = str | Response | tuple[str, int]


class WebhookPages:
    """The pages of one owner: of whoever is signed in, or of the organisation."""

    def __init__(self, place: Place, owner_id: str = "") -> None:
        self.name, self.owner_id = place.name, owner_id
        for rule, view, method in (
            ("", self.index, "GET"), ("", self.make, "POST"),
            (ONE, self.show, "GET"), (ONE, self.change, "POST"),
            (f"{ONE}/switch", self.switch, "POST"), (f"{ONE}/secret", self.rotate, "POST"),
            (f"{ONE}/test", self.test, "POST"), (f"{ONE}/delete", self.delete, "POST"),
            (DELIVERY, self.show_delivery, "GET"), (f"{DELIVERY}/again", self.send_again, "POST"),
        ):  # fmt: skip
            place.add_url_rule(rule, view.__name__, view, methods=[method])

    @property
    def whose(self) -> str:
        return self.owner_id or current_person().id

    def find(self, webhook_id: str) -> Webhook:
        return queries.get_webhook(self.whose, webhook_id, services())

    def render(self, template: str, **what: Any) -> str:
        is_everyones = self.owner_id == ORGANISATION
        return render_template(
            f"pages/{template}", place=self.name, is_everyones=is_everyones, describe_event=describe_event,
            describe_attempt=describe_attempt, **what,
        )  # fmt: skip

    def lead_to(self, view: str, **named: Any) -> Response:
        return redirect(url_for(f"{self.name}.{view}", **named), 303)

    def index(self) -> str:
        data = {"submission_id": make_sortable_id(now()), "events": list(CHOSEN)}
        return self.list_page(WebhookForm(formdata=restore_form(f"{self.name}.make"), data=data))

    def list_page(self, form: WebhookForm) -> str:
        found = queries.list_webhooks(self.whose, services())
        return self.render("webhooks.html", form=form.offer(), webhooks=found, most=MAX_WEBHOOKS)

    def make(self) -> Answer:
        """-> the page with the secret on it, this once: the page of a webhook does not show it again."""
        form = WebhookForm().offer()
        context = SaveWebhook(
            staff_request(), owner_id=self.owner_id, webhook_id=form.submission_id.data or "",
            name=form.name.data or "", url=form.url.data or "", events=form.events.data or (),
        )  # fmt: skip
        try:
            made = run(MAKE_WEBHOOK, context, services())
        except (Invalid, Several, Conflict) as refusal:
            add_errors(form, refusal)
            return self.list_page(form), refusal.status
        return self.render("webhook_secret.html", webhook=made.required_after, secret=made.secret)

    def show(self, webhook_id: str) -> str:
        webhook = self.find(webhook_id)
        form = WebhookForm(formdata=restore_form(f"{self.name}.change"), data=describe(webhook))
        return self.page(webhook, form)

    def page(self, webhook: Webhook, form: WebhookForm) -> str:
        cursor = request.args.get("cursor")
        found = queries.list_deliveries(webhook, cursor, services())
        return self.render(
            "webhook.html", webhook=webhook, form=form.offer(), deliveries=found, cursor=cursor, now=now(),
            test_id=make_sortable_id(now()),
        )  # fmt: skip

    def change(self, webhook_id: str) -> Answer:
        form = WebhookForm().offer()
        context = SaveWebhook(
            staff_request(), owner_id=self.owner_id, webhook_id=webhook_id, name=form.name.data or "",
            url=form.url.data or "", events=form.events.data or (), version=form.version.data,
        )  # fmt: skip
        try:
            run(CHANGE_WEBHOOK, context, services())
        except (Invalid, Several, Conflict) as refusal:
            add_errors(form, refusal)
            return self.page(self.find(webhook_id), form), refusal.status
        flash(gettext("The webhook is saved."), "done")
        return self.lead_to("show", webhook_id=webhook_id)

    def switch(self, webhook_id: str) -> Response:
        turns_on = request.form.get("on") == "yes"
        context = SaveWebhook(staff_request(), owner_id=self.owner_id, webhook_id=webhook_id, on=turns_on)
        run(CHANGE_WEBHOOK, context, services())
        flash(gettext("It is switched on.") if turns_on else gettext("It is switched off."), "done")
        return self.lead_to("show", webhook_id=webhook_id)

    def rotate(self, webhook_id: str) -> str:
        context = SaveWebhook(staff_request(), owner_id=self.owner_id, webhook_id=webhook_id)
        done = run(ROTATE_WEBHOOK, context, services())
        return self.render("webhook_secret.html", webhook=done.required_after, secret=done.secret)

    def delete(self, webhook_id: str) -> Response:
        context = OnWebhook(staff_request(), owner_id=self.owner_id, webhook_id=webhook_id)
        done = run(DELETE_WEBHOOK, context, services())
        flash(gettext("The webhook %(name)s is deleted.", name=done.required_webhook.name), "done")
        return self.lead_to("index")

    def test(self, webhook_id: str) -> Response:
        context = SendByHand(
            staff_request(), owner_id=self.owner_id, webhook_id=webhook_id,
            submission_id=SendForm().submission_id.data or "",
        )  # fmt: skip
        return self.lead_to_outcome(run(TEST_WEBHOOK, context, services()).required_delivery)

    def send_again(self, webhook_id: str, delivery_id: str) -> Response:
        context = SendByHand(
            staff_request(), owner_id=self.owner_id, webhook_id=webhook_id, delivery_id=delivery_id
        )
        return self.lead_to_outcome(run(SEND_WEBHOOK_AGAIN, context, services()).required_delivery)

    def lead_to_outcome(self, delivery: Delivery) -> Response:
        if delivery.state is DeliveryState.DELIVERED:
            flash(gettext("It arrived."), "done")
        else:
            flash(gettext("It did not arrive. What was answered is below."), "attention")
        return self.lead_to("show_delivery", webhook_id=delivery.webhook_id, delivery_id=delivery.id)

    def show_delivery(self, webhook_id: str, delivery_id: str) -> str:
        webhook = self.find(webhook_id)
        delivery = queries.get_delivery(webhook, delivery_id, services())
        return self.render(
            "webhook_delivery.html", webhook=webhook, delivery=delivery, body=indent(delivery.body)
        )


def indent(body: str) -> str:
    """The same JSON for people to read."""
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2)


def describe(webhook: Webhook) -> dict[str, Any]:
    return {
        "name": webhook.name, "url": webhook.url, "version": webhook.version,
        "events": webhook.event_names,
    }  # fmt: skip


blueprint = Place("webhooks", __name__, Audience.STAFF, url_prefix="/account/webhooks")
WebhookPages(blueprint)
