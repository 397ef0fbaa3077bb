"""The form of a new share: files, recipients, message, last day, download limit, who gets in."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional, ValidationError

from portal.domain.characters import ascii_digits, strip_invisible
from portal.domain.policy.limits import Limits
from portal.domain.shares.expiry import PRESET_DAYS
from portal.domain.shares.share import Notify
from portal.web.forms.recipients import RecipientsField

ON_A_DATE = "date"


def plain_digits(typed: str) -> str:
    """A number as typed, in the digits of any keyboard, pasted with whatever nobody sees around it."""
    return ascii_digits(strip_invisible(typed))


class Day(DateField):
    """A date as browsers send it, with words of our own for what is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([*map(plain_digits, valuelist)])
        except ValueError as problem:
            raise ValueError(gettext("Enter the expiry date as a date, such as 2030-12-31.")) from problem


class Times(IntegerField):
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([*map(plain_digits, valuelist)])
        except ValueError as problem:
            raise ValueError(gettext("Enter a whole number, such as 3, or leave it empty.")) from problem


def notify_choices() -> list[tuple[str, str]]:
    return [
        (Notify.FIRST.value, gettext("First by each person")),
        (Notify.EVERY.value, gettext("Every download")),
        (Notify.NEVER.value, gettext("Never")),
    ]


class ShareForm(RecipientsField, FlaskForm):
    """What the sender says. `until` is the last day that the review page showed: Share means that day."""

    submission_id = HiddenField()
    files = SelectMultipleField(lazy_gettext("Files"), name="file", validate_choice=False)
    message = TextAreaField(lazy_gettext("Message (optional)"))
    last_day = RadioField(lazy_gettext("Expires in"))
    expires_on = Day(lazy_gettext("Expiry date"), validators=[Optional()])
    download_limit = Times(lazy_gettext("Download limit (optional)"), validators=[Optional()])
    confirm = BooleanField(lazy_gettext("Confirm each address with a code"))
    password = StringField(lazy_gettext("Password (optional)"))
    preview = BooleanField(lazy_gettext("Let recipients view files without saving them"))
    notify = RadioField(lazy_gettext("Email me about downloads"), default=Notify.FIRST, validate_choice=False)
    until = Day(validators=[Optional()])

    def when_to_tell(self) -> Notify:
        """What was chosen; the default where nothing of ours was."""
        return next((each for each in Notify if each == self.notify.data), Notify.FIRST)

    def offer(self, limits: Limits) -> None:
        """Offer the lifetimes that the policy allows, its default among them."""
        days = {*PRESET_DAYS, limits.default_share_days}
        offered = [(str(n), ngettext("%(num)d day", "%(num)d days", n)) for n in sorted(days)
                   if n <= limits.max_share_days]  # fmt: skip
        self.notify.choices = notify_choices()
        if limits.download_limit_required:
            self.download_limit.label.text = gettext("Download limit")
        if limits.password_required:
            self.password.label.text = gettext("Password")
        self.last_day.choices = [*offered, (ON_A_DATE, gettext("Until a date"))]

    def validate_last_day(self, field: RadioField) -> None:
        if field.data == ON_A_DATE and not "".join(self.expires_on.raw_data or []).strip():
            raise ValidationError(gettext("Choose an expiry date."))

    def last(self, today: date) -> date | None:
        """The last day that was chosen; None where no date was given, which means the default."""
        days = str(self.last_day.data or "")
        if days.isdecimal() and len(days) < 4:
            return today + timedelta(days=int(days))
        return self.expires_on.data if days == ON_A_DATE else None
