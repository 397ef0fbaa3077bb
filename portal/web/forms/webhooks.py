"""The form that makes a webhook or changes it. It carries the id of what it makes, so that sent twice it
makes one, and the version of what it changes.
"""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from portal.domain.webhooks.event_types import CHOSEN
from portal.web.wording.webhook_words import EVENTS


class WebhookForm(FlaskForm):
    submission_id = HiddenField()
    version = IntegerField(widget=HiddenInput())
    name = StringField(lazy_gettext("What it is for"))
    url = StringField(lazy_gettext("Address to post to"))
    events = SelectMultipleField(
        lazy_gettext("Tell it when"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )

    def offer(self) -> WebhookForm:
        self.events.choices = [(str(each), gettext(EVENTS[each])) for each in CHOSEN]
        return self


class SendForm(FlaskForm):
    submission_id = HiddenField()
