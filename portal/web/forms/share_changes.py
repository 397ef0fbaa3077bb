"""The form that changes a share. It carries what its reader saw, so that nobody's change is lost (R63)."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import HiddenInput

from portal.domain.shares.share import Notify, Share
from portal.web.forms.recipients import RecipientsField
from portal.web.forms.shares import Day, Times, notify_choices

FIELDS = ("expires_on", "download_limit", "message", "confirm", "preview", "notify")


class ChangeForm(FlaskForm):
    """version, seen_*: the share as it was when the form was opened."""

    expires_on = Day(
        lazy_gettext("Expiry date"),
        validators=[InputRequired(lazy_gettext("Enter the expiry date as a date, such as 2030-12-31."))],
    )
    download_limit = Times(lazy_gettext("Download limit (optional)"), validators=[Optional()])
    message = TextAreaField(lazy_gettext("Message (optional)"))
    confirm = BooleanField(lazy_gettext("Confirm each address with a code"))
    password = StringField(lazy_gettext("New password (optional)"))
    no_password = BooleanField(lazy_gettext("Remove the password"))
    preview = BooleanField(lazy_gettext("Let recipients view files without saving them"))
    notify = RadioField(
        lazy_gettext("Email the owner about downloads"), choices=notify_choices, validate_choice=False
    )
    version = IntegerField(widget=HiddenInput())
    seen_expires_on = HiddenField()
    seen_download_limit = HiddenField()
    seen_message = HiddenField()
    seen_confirm = HiddenField()
    seen_preview = HiddenField()
    seen_notify = HiddenField()

    @classmethod
    def from_share(cls, share: Share, zone: ZoneInfo) -> ChangeForm:
        """The form as it opens: with what the share says now."""
        form = cls(formdata=None)
        form.see(share, zone)
        for name, value in now_said(share, zone).items():
            form[name].data = value
        return form

    def see(self, share: Share, zone: ZoneInfo) -> None:
        """Note the share as its reader sees it from here on."""
        fill(self.version, share.version)
        for name, value in now_said(share, zone).items():
            fill(self[f"seen_{name}"], say_value(value))

    def was_edited(self, name: str) -> bool:
        """Whether the reader typed something else than stood there."""
        return say_value(self[name].data) != unbroken(self[f"seen_{name}"].data or "")

    def new_day(self) -> date | None:
        """The last day where it is a new one: the same day in another zone must not move the expiry."""
        return self.expires_on.data if self.was_edited("expires_on") else None

    def new_choice(self, name: str) -> bool | None:
        """A box where it is set otherwise than it was seen: one that was not in the form changes nothing."""
        return bool(self[name].data) if self[f"seen_{name}"].data and self.was_edited(name) else None

    def new_notify(self) -> Notify | None:
        return next((each for each in Notify if each == self.notify.data), None)

    def merge(self, share: Share, zone: ZoneInfo) -> None:
        """Take over what someone else changed; where the reader typed too, keep that and say the other."""
        for name, value in now_said(share, zone).items():
            if say_value(value) == unbroken(self[f"seen_{name}"].data or ""):
                continue
            if not self.was_edited(name):
                fill(self[name], value)
            elif say_value(self[name].data) != say_value(value):
                self[name].errors = [*self[name].errors, meanwhile(name, value)]
        self.see(share, zone)


class AddRecipientsForm(RecipientsField, FlaskForm):
    """Whom to add, and whether by mail."""

    by_hand = BooleanField(lazy_gettext("I will send the links myself"))


class CorrectForm(FlaskForm):
    """recipients: the right address, by the name that its refusals have."""

    recipients = StringField(lazy_gettext("Right address"))


def fill(field: Field, value: date | int | str | None) -> None:
    """Show this, whatever was typed."""
    field.process_data(value)
    field.raw_data = None


def now_said(share: Share, zone: ZoneInfo) -> dict[str, date | int | str | None]:
    """What the share says now, by field, as the reader's zone has it."""
    ends: datetime = share.expires_at.astimezone(zone)
    rules = (share.confirm, share.preview, share.notify.value)
    return dict(zip(FIELDS, (ends.date(), share.download_limit, share.message, *rules), strict=True))


def say_value(value: date | int | str | None) -> str:
    return "" if value is None else unbroken(str(value))


def unbroken(text: str) -> str:
    """A browser sends each line break as two characters."""
    return text.replace("\r\n", "\n").strip()


def meanwhile(name: str, value: date | int | str | None) -> str:
    """The sentence at a field that two people changed."""
    if not say_value(value):
        return str(gettext("Someone else cleared this. What you typed is still here."))
    if name in ("confirm", "preview", "notify"):
        return str(gettext("Someone else changed this. What you chose is still here."))
    if name == "message":
        return str(gettext("What you typed is still here. Someone else wrote this: “%(value)s”", value=value))
    return str(gettext("Someone else set this to %(value)s. What you typed is still here.", value=value))
