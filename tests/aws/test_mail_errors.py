"""What each answer of SES to SendEmail means: every error of the service's model, in each of its words."""

from __future__ import annotations

from itertools import product

import botocore.session
import pytest
from botocore.exceptions import ClientError as Answer
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)

from portal.aws.ses.mail_errors import classify
from portal.domain.errors import Refusal, Unavailable
from portal.domain.mail.account_problems import MailTrouble
from portal.domain.mail.email_message import AccountRefused, MailRefused, MailThrottled, MailUnanswered
from portal.domain.mail.suppression import SUPPRESSED

SENDER, TO = "files@example.org", "partner@example.com"
CHECK = "Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: "
DENIED = "User: arn:aws:sts::1:assumed-role/p/x is not authorized to perform: ses:SendEmail on resource: "
ARN = "arn:aws:ses:eu-central-1:1:"
# Whatever code SES gives them, these words are about the account.
WORDS = {
    f"{CHECK}{SENDER}": MailTrouble.SENDER_UNVERIFIED,
    f"{CHECK}Portal <{SENDER}>, example.org": MailTrouble.SENDER_UNVERIFIED,
    f"{CHECK}{TO}": MailTrouble.SANDBOX,
    f"{CHECK}{SENDER}, {TO}": MailTrouble.SENDER_UNVERIFIED,
    "Daily message quota exceeded.": MailTrouble.DAILY_QUOTA,
    "You have reached your 24-hour sending limit.": MailTrouble.DAILY_QUOTA,
    "Email sending is paused for this account.": MailTrouble.PAUSED,
    "Sending paused for the configuration set portal.": MailTrouble.PAUSED,
    "Sending suspended for this account. For more information, check the inbox.": MailTrouble.SUSPENDED,
    "Configuration set <portal> does not exist.": MailTrouble.NO_CONFIGURATION_SET,
    "The custom MAIL FROM domain bounce.example.org is not verified.": MailTrouble.MAIL_FROM_UNVERIFIED,
    f"{DENIED}{ARN}identity/{SENDER}": MailTrouble.NOT_ALLOWED,
    f"{DENIED}{ARN}identity/example.org": MailTrouble.NOT_ALLOWED,
    f"{DENIED}{ARN}configuration-set/portal": MailTrouble.NOT_ALLOWED,
    f"{DENIED}{ARN}identity/{TO}": MailTrouble.SANDBOX_ROLE,
}  # fmt: skip
# The service's codes with words that say nothing.
ERRORS: dict[str, tuple[type[Refusal], MailTrouble | None]] = {
    "AccountSuspendedException": (AccountRefused, MailTrouble.SUSPENDED),
    "SendingPausedException": (AccountRefused, MailTrouble.PAUSED),
    "MailFromDomainNotVerifiedException": (AccountRefused, MailTrouble.MAIL_FROM_UNVERIFIED),
    "NotFoundException": (AccountRefused, MailTrouble.NO_CONFIGURATION_SET),
    "LimitExceededException": (MailThrottled, None),
    "TooManyRequestsException": (MailThrottled, None),
    "MessageRejected": (MailRefused, None),
    "BadRequestException": (MailRefused, None),
}
# Errors that every service can answer ("Common errors", and what the SDK's own retries look for).
COMMON: dict[tuple[str, int], tuple[type[Refusal], MailTrouble | None]] = {
    ("AccessDeniedException", 403): (AccountRefused, MailTrouble.NOT_ALLOWED),
    ("AccessDenied", 403): (AccountRefused, MailTrouble.NOT_ALLOWED),
    ("ExpiredTokenException", 403): (AccountRefused, MailTrouble.NOT_ALLOWED),
    ("UnrecognizedClientException", 403): (AccountRefused, MailTrouble.NOT_ALLOWED),
    ("InvalidClientTokenId", 403): (AccountRefused, MailTrouble.NOT_ALLOWED),
    ("SignatureDoesNotMatch", 403): (AccountRefused, MailTrouble.NOT_ALLOWED),
    ("OptInRequired", 403): (AccountRefused, MailTrouble.NOT_ALLOWED),
    ("ConfigurationSetDoesNotExist", 400): (AccountRefused, MailTrouble.NO_CONFIGURATION_SET),
    ("Throttling", 400): (MailThrottled, None),
    ("ThrottlingException", 400): (MailThrottled, None),
    ("RequestLimitExceeded", 503): (MailThrottled, None),
    ("Anything", 429): (MailThrottled, None),
    ("ServiceUnavailable", 503): (Unavailable, None),
    ("InternalFailure", 500): (MailUnanswered, None),
    ("InternalServerError", 500): (MailUnanswered, None),
    ("502", 502): (MailUnanswered, None),
    ("504", 504): (MailUnanswered, None),
    ("ValidationError", 400): (MailRefused, None),
    ("SomethingNew", 400): (MailRefused, None),
}


def answer(code: str, message: str, status: int = 400) -> Refusal | None:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return classify(Answer(response, "SendEmail"), SENDER, TO)  # type: ignore[arg-type]


def test_every_error_of_the_services_model_is_here() -> None:
    model = botocore.session.get_session().get_service_model("sesv2")
    assert {each.name for each in model.operation_model("SendEmail").error_shapes} == set(ERRORS)


def means(refusal: Refusal | None) -> tuple[type[Refusal], MailTrouble | None]:
    assert refusal is not None
    return type(refusal), refusal.trouble if isinstance(refusal, AccountRefused) else None


@pytest.mark.requirement("R75")
@pytest.mark.parametrize("code", ERRORS)
def test_each_code_by_itself(code: str) -> None:
    assert means(answer(code, "something")) == ERRORS[code]


@pytest.mark.requirement("R75")
@pytest.mark.parametrize(("code", "status"), COMMON)
def test_each_common_error(code: str, status: int) -> None:
    assert means(answer(code, "something", status)) == COMMON[code, status]


VAGUE = ("MessageRejected", "BadRequestException", "LimitExceededException", "TooManyRequestsException",
         "ThrottlingException", "AccessDeniedException", "SomethingNew")  # fmt: skip


@pytest.mark.requirement("R75")
@pytest.mark.parametrize(("code", "words"), list(product(VAGUE, WORDS)))
def test_words_about_the_account_count_whatever_the_code(code: str, words: str) -> None:
    """In any case of their letters; what is about the account fails no email."""
    for message in (words, words.upper()):
        assert means(answer(code, message)) == (AccountRefused, WORDS[words])


@pytest.mark.requirement("R75")
@pytest.mark.parametrize("message", [
    "Missing final '@domain'", "Domain contains control or whitespace", "Illegal address",
    "Invalid To address", "Address blacklisted.", "Message contains a virus",
    "Message length is more than 41943040 bytes long",
    "Local address contains control or whitespace", "Recipient count exceeds 50.",
    f"Invalid domain name: {TO}", "Illegal address sending-paused@suppressed-suspended.example.com",
])  # fmt: skip
@pytest.mark.parametrize("code", ["MessageRejected", "BadRequestException", "InvalidParameterValue"])
def test_what_is_about_this_email_fails_it_alone(code: str, message: str) -> None:
    assert means(answer(code, message)) == (MailRefused, None)


@pytest.mark.requirement("R55")
@pytest.mark.parametrize("code", ["MessageRejected", "BadRequestException", "NotFoundException"])
def test_an_address_on_the_suppression_list_is_held_back(code: str) -> None:
    refusal = answer(code, "Address is on the Suppression List for your account")
    assert isinstance(refusal, MailRefused)
    assert refusal.reason == SUPPRESSED


@pytest.mark.parametrize("code", ["MessageRejected", "ThrottlingException", "TooManyRequestsException"])
def test_too_fast_is_a_throttle(code: str) -> None:
    assert means(answer(code, "Maximum sending rate exceeded.")) == (MailThrottled, None)


URL = {"endpoint_url": "https://email.eu-central-1.amazonaws.com", "error": "broken", "proxy_url": "x"}
FAILURES = {
    ReadTimeoutError: MailUnanswered, ConnectionClosedError: MailUnanswered,
    ConnectTimeoutError: Unavailable, EndpointConnectionError: Unavailable, SSLError: Unavailable,
    ProxyConnectionError: Unavailable,
}  # fmt: skip


@pytest.mark.requirement("R75")
@pytest.mark.parametrize("failure", FAILURES)
def test_only_what_was_sent_may_have_been_taken(failure: type[Exception]) -> None:
    """No connection, no email."""
    assert type(classify(failure(**URL), SENDER, TO)) is FAILURES[failure]


def test_other_failures() -> None:
    for unreadable in (ValueError("no JSON"), KeyError("MessageId")):
        assert type(classify(unreadable, SENDER, TO)) is MailUnanswered
    assert means(classify(NoCredentialsError(), SENDER, TO)) == (AccountRefused, MailTrouble.NOT_ALLOWED)
    for unsent in (ParamValidationError(report="a fault of ours"), Unavailable()):
        assert classify(unsent, SENDER, TO) is None
