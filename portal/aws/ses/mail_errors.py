"""What an answer of SES to SendEmail means: about this email, about the sender's account, too many at once,
or none at all, so that the email may have been taken (R52, R75).

Sources: SendEmail's errors and the common errors in the Amazon SES API v2 reference; "Amazon SES email
sending errors" in its developer guide for the messages, since SES has few codes of its own for them.
"""

from __future__ import annotations

import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from portal.aws.client.calls import code, status
from portal.domain.errors import Refusal, Unavailable
from portal.domain.mail.account_problems import MailTrouble
from portal.domain.mail.email_message import AccountRefused, MailRefused, MailThrottled, MailUnanswered
from portal.domain.mail.suppression import SUPPRESSED

THROTTLES = {
    "TooManyRequestsException", "LimitExceededException", "ThrottlingException", "Throttling",
    "ThrottledException", "RequestThrottled", "RequestThrottledException", "RequestLimitExceeded",
    "RateExceeded", "SlowDown",
}  # fmt: skip
TROUBLES = {
    "AccountSuspendedException": MailTrouble.SUSPENDED,
    "SendingPausedException": MailTrouble.PAUSED,
    "AccountSendingPausedException": MailTrouble.PAUSED,
    "ConfigurationSetSendingPausedException": MailTrouble.PAUSED,
    "MailFromDomainNotVerifiedException": MailTrouble.MAIL_FROM_UNVERIFIED,
    "ConfigurationSetDoesNotExist": MailTrouble.NO_CONFIGURATION_SET,
    "ConfigurationSetDoesNotExistException": MailTrouble.NO_CONFIGURATION_SET,
    "NotFoundException": MailTrouble.NO_CONFIGURATION_SET,
    "OptInRequired": MailTrouble.NOT_ALLOWED,
}
# SES says these with codes of its own as well as with general ones; each by words that all of them share.
TROUBLE_WORDS = (
    (re.compile(r"daily (message|sending) quota|24-hour|quota exceeded"), MailTrouble.DAILY_QUOTA),
    (re.compile(r"mail from domain"), MailTrouble.MAIL_FROM_UNVERIFIED),
    (re.compile(r"configuration ?set.*(not exist|not found)"), MailTrouble.NO_CONFIGURATION_SET),
    (re.compile(r"sending[a-z ]*(paused|disabled)|paused"), MailTrouble.PAUSED),
    (re.compile(r"suspended|shut ?down|under review"), MailTrouble.SUSPENDED),
)  # fmt: skip
ADDRESS = re.compile(r"[^\s<>,;]+@[^\s<>,;]+")
TOO_FAST = re.compile(r"sending rate|rate (limit )?exceeded|too many requests")
NO_KEYS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)


def classify(error: Exception, sender: str, to: str) -> Refusal | None:
    """What went wrong, as the refusal to raise; None where it is nothing of the mail service's.

    sender, to: the addresses of the email, which the service's messages may name.
    """
    if isinstance(error, ClientError):
        return classify_answer(error, sender.casefold(), to.casefold())
    if isinstance(error, NO_KEYS):
        return AccountRefused(MailTrouble.NOT_ALLOWED)
    if isinstance(error, ConnectionError):  # nothing was sent: no name, no connection, no handshake
        return Unavailable()
    if isinstance(error, BotoCoreError | Refusal) and not isinstance(error, HTTPClientError):
        return None  # before anything was sent, such as a deadline or a value that the API does not take
    return MailUnanswered()  # the request was begun, and no answer came, or none that can be read


def classify_answer(error: ClientError, sender: str, to: str) -> Refusal:
    message = str(error.response.get("Error", {}).get("Message", "")).casefold()
    said = ADDRESS.sub(" ", message)  # an address may be made of the words that are looked for
    if "suppress" in said:  # the API has no code of its own for an address that it will not send to
        return MailRefused(reason=SUPPRESSED)
    trouble = trouble_of(code(error), status(error), message, sender, to)
    if trouble:
        return AccountRefused(trouble)
    if code(error) in THROTTLES or status(error) == 429 or TOO_FAST.search(said):
        return MailThrottled()
    if code(error) == "ServiceUnavailable" or status(error) == 503:
        return Unavailable()
    if status(error) >= 500 or code(error) in {"InternalFailure", "InternalServerError"}:
        return MailUnanswered()  # it broke on the way, perhaps behind the point where the email was taken
    return MailRefused(reason=code(error))


def trouble_of(kind: str, http_status: int, message: str, sender: str, to: str) -> MailTrouble | None:
    """The account's trouble, if it is one: by its code, by its words, then by its status."""
    said = ADDRESS.sub(" ", message)
    if kind in TROUBLES:
        return TROUBLES[kind]
    if "not verified" in said:
        return find_unverified_address(message, sender, to)
    if "not authorized" in said:
        return MailTrouble.SANDBOX_ROLE if f"identity/{to}" in message else MailTrouble.NOT_ALLOWED
    for words, trouble in TROUBLE_WORDS:
        if words.search(said):
            return trouble
    denied = kind.startswith("AccessDenied") or http_status in {401, 403}
    return MailTrouble.NOT_ALLOWED if denied else None


def find_unverified_address(said: str, sender: str, to: str) -> MailTrouble:
    """Whose address it is: the service names those that failed. In the sandbox the recipient's may."""
    if "mail from domain" in said:
        return MailTrouble.MAIL_FROM_UNVERIFIED
    named = set(re.split(r"[\s,;<>\"']+", said.rstrip(".")))
    ours = {sender, sender.rpartition("@")[2]}
    theirs = {to, to.rpartition("@")[2]}
    return MailTrouble.SANDBOX if theirs & named and not ours & named else MailTrouble.SENDER_UNVERIFIED
