"""Mail through SES v2: one message, text and HTML, and its refusals told apart (R52)."""

from __future__ import annotations

import logging
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from portal.aws.client.calls import Clients, code, plain_failures
from portal.aws.ses.mail_errors import classify
from portal.domain.mail.email_message import MailRefused, OutgoingMail
from portal.domain.mail.sending_pace import SendingQuota

log = logging.getLogger(__name__)


class Mailer:
    def __init__(self, clients: Clients, mail_from: str, configuration_set: str) -> None:
        self.clients = clients
        self.mail_from = mail_from
        self.configuration_set = configuration_set

    def send(self, letter: OutgoingMail) -> str:
        """Hand an email to SES, in one request; returns its message id.

        Raises MailRefused for good; for now MailThrottled, AccountRefused, MailUnanswered where it may have
        been taken, or Unavailable where it was not.
        """
        from email.headerregistry import Address  # here: only who sends an email waits for it

        local, _, domain = self.mail_from.rpartition("@")
        sender = str(Address(display_name=encode_words(letter.from_name), username=local, domain=domain))
        asked: dict[str, Any] = {
            "FromEmailAddress": sender,
            "Destination": {"ToAddresses": [letter.to]},
            "ReplyToAddresses": [letter.reply_to] if letter.reply_to else [],
            "Content": {
                "Simple": {
                    "Subject": utf8(letter.subject),
                    "Body": {"Text": utf8(letter.text), "Html": utf8(letter.html)},
                    **unsubscribing(letter.unsubscribe),
                }
            },
        }
        if self.configuration_set:
            asked["ConfigurationSetName"] = self.configuration_set
        try:
            return str(self.clients.get("sesv2").send_email(**asked)["MessageId"])
        except Exception as error:
            refusal = classify(error, self.mail_from, letter.to)
            if refusal is None:
                raise
            raise refusal from error

    def read_quota(self) -> SendingQuota | None:
        try:
            found = self.clients.get("sesv2").get_account().get("SendQuota")
        except (ClientError, BotoCoreError):
            log.warning("the mail service does not say how fast it may be used", exc_info=True)
            return None
        if not found:
            return None
        a_day = found["Max24HourSend"]  # -1 is without end ("SendQuota", Amazon SES API v2 reference)
        return SendingQuota(found["MaxSendRate"], None if a_day < 0 else a_day, found["SentLast24Hours"])

    def release(self, address: str) -> None:
        """Take an address off the account's suppression list; one that is not there is fine."""
        try:
            with plain_failures():
                self.clients.get("sesv2").delete_suppressed_destination(EmailAddress=address)
        except ClientError as error:
            if code(error) != "NotFoundException":
                raise MailRefused(reason=code(error)) from error


def unsubscribing(address: str) -> dict[str, Any]:
    """The headers of one-click unsubscribing (RFC 8058)."""
    if not address:
        return {}
    values = {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return {"Headers": [{"Name": name, "Value": value} for name, value in values.items()]}


def encode_words(name: str) -> str:
    """A sender's name as SES takes it: ASCII, other letters as encoded words (RFC 2047)."""
    from email.header import Header

    return name if name.isascii() else Header(name, "utf-8", maxlinelen=75).encode(linesep="")


def utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
