"""Mail through SES v2: one message, text and HTML, and its refusals told apart (R52)."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from portal.aws.calls import Clients, code, plain_failures
from portal.domain.errors import Unavailable
from portal.domain.letters import Letter, MailRefused
from portal.domain.suppression import SUPPRESSED

# Refusals that another try may not meet: a throttle, a quota, an account that is paused.
LATER = {
    "TooManyRequestsException",
    "LimitExceededException",
    "SendingPausedException",
    "AccountSuspendedException",
}


class Mailer:
    def __init__(self, clients: Clients, mail_from: str, configuration_set: str) -> None:
        self.clients = clients
        self.mail_from = mail_from
        self.configuration_set = configuration_set

    def send(self, letter: Letter) -> str:
        """Hand a mail to SES; returns its message id. Raises MailRefused for good, Unavailable for now."""
        from email.headerregistry import Address  # here: only who sends a mail waits for it

        local, _, domain = self.mail_from.rpartition("@")
        sender = str(Address(display_name=encoded(letter.from_name), username=local, domain=domain))
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
            with plain_failures():
                return str(self.clients.get("sesv2").send_email(**asked)["MessageId"])
        except ClientError as error:
            if code(error) in LATER:
                raise Unavailable() from error
            # The API has no code of its own for an address that it will not send to.
            held = "suppress" in str(error.response.get("Error", {}).get("Message", "")).casefold()
            raise MailRefused(reason=SUPPRESSED if held else code(error)) from error

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


def encoded(name: str) -> str:
    """A sender's name as SES takes it: ASCII, other letters as encoded words (RFC 2047)."""
    from email.header import Header

    return name if name.isascii() else Header(name, "utf-8", maxlinelen=75).encode(linesep="")


def utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
