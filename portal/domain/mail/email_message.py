"""An email, ready to be sent: both bodies, and the values that go into headers, made safe (R56)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from portal.domain.characters import JOINERS, has_visible, keep_readable
from portal.domain.errors import N_, Refusal, Unavailable
from portal.domain.mail.account_problems import MailTrouble

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
ENCODED_WORD = re.compile(r"=\?+")


@dataclass(frozen=True)
class OutgoingMail:
    """One email to one address. from_name and subject are single lines; text and html say the same.

    unsubscribe: the address that ends emails of its kind, by a POST without a page (RFC 8058); empty for
    none.
    """

    to: str
    from_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    unsubscribe: str = ""


class MailRefused(Refusal):
    """The mail service will not take this email, now or ever: a bad address, a suppressed recipient."""

    status = 502
    reason = "mail_refused"
    message = N_("The email service did not accept this email.")


class MailThrottled(Unavailable):
    """Too many emails at once; none of them was taken, and it says nothing about any of them."""


class AccountRefused(Unavailable):
    """The mail service refuses for a reason of the sender's account (see mail_troubles.py)."""

    def __init__(self, trouble: MailTrouble) -> None:
        super().__init__()
        self.trouble = trouble


class MailUnanswered(Unavailable):
    """The email was handed over and no answer came: it may have been taken."""


def single_line(text: str, most: int = 78) -> str:
    """A value that may stand in a header: no line breaks, controls, bidirectional marks or address syntax.

    Nor the beginning of an encoded word (RFC 2047), which email programs would decode into all of these.
    """
    kept = "".join(each for each in plain_line(text) if each not in '<>@"\\,;:')
    return ENCODED_WORD.sub("=", " ".join(kept.split()))[:most].rstrip(JOINERS)


def plain_line(text: str) -> str:
    """Someone else's words for a page or an email's body: one line, empty where there is nothing to see."""
    line = " ".join(keep_readable(CONTROLS.sub(" ", text), " ").split())
    return line if has_visible(line) else ""
