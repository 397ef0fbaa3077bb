"""A mail, ready to be sent: both bodies, and the values that go into headers, made safe (R56)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from portal.domain.errors import Refusal, words

ENCODED_WORD = re.compile(r"=\?+")


@dataclass(frozen=True)
class Letter:
    """One mail to one address. from_name and subject are single lines; text and html say the same.

    unsubscribe: the address that ends mails of its kind, by a POST without a page (RFC 8058); empty for none.
    """

    to: str
    from_name: str
    reply_to: str
    subject: str
    text: str
    html: str
    unsubscribe: str = ""


class MailRefused(Refusal):
    """The mail service will not take this mail, now or ever: a bad address, a sandbox, a suppressed
    recipient.
    """

    status = 502
    reason = "mail_refused"
    words = words("The mail service did not accept this mail.")


def single_line(text: str, most: int = 78) -> str:
    """A value that may stand in a header: no line breaks, controls, bidirectional marks or address syntax.

    Nor the beginning of an encoded word (RFC 2047), which mail programs would decode into all of these.
    """
    kept = "".join(" " if unicodedata.category(each) in {"Cc", "Zl", "Zp"} else each for each in text)
    kept = "".join(each for each in kept if unicodedata.category(each) != "Cf" and each not in '<>@"\\,;:')
    return ENCODED_WORD.sub("=", " ".join(kept.split()))[:most]


def plain_line(text: str) -> str:
    """Somebody else's words for a page or a mail's body: one line, with nothing in it that cannot be seen."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
