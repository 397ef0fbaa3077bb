"""What stops a command, as a sentence that says what to do; nobody who deploys has to read a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import CalledProcessError

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
UNKNOWN_CREDENTIALS = {
    "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch",
    "InvalidSignatureException", "AuthFailure", "InvalidAccessKeyId", "IncompleteSignature",
}  # fmt: skip
DENIED = {
    "AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "Forbidden",
    "403", "AuthorizationErrorException", "NotAuthorizedException",
}  # fmt: skip
SIGN_IN_AGAIN = (
    "Your AWS credentials have expired. Sign in again (aws sso login, or fetch new keys) and repeat the"
    " command: it goes on where it stopped."
)
NOT_KNOWN = (
    "AWS does not accept these credentials. Check AWS_PROFILE, or the keys in the environment, against the"
    " account: aws sts get-caller-identity says whose they are."
)
BY_KIND = (
    (NoCredentialsError, "There are no AWS credentials. Set AWS_PROFILE, or sign in with aws configure sso."),
    (PartialCredentialsError, "Half of the AWS credentials is missing: set the key's id and its secret."),
    (NoRegionError, "Which region? Set AWS_REGION, or region in your AWS profile or the stage's file."),
    ((SSOError, TokenRetrievalError, CredentialRetrievalError), SIGN_IN_AGAIN),
)


class CommandFailed(Exception):
    """A command cannot go on; the message says what is wrong and what to do."""


@contextmanager
def end_with_a_sentence() -> Iterator[None]:
    """What fails inside ends the command with status 1 and its sentence."""
    try:
        yield
    except (CommandFailed, ClientError, BotoCoreError, OSError, CalledProcessError) as error:
        sys.exit(explain(error))
    except KeyboardInterrupt:
        sys.exit("Interrupted. Repeat the command: it goes on where it stopped.")


def explain(error: Exception) -> str:
    """What is wrong, and what to do."""
    if isinstance(error, ClientError):
        return _explain_answer(error)
    for kinds, sentence in BY_KIND:
        if isinstance(error, kinds):
            return sentence
    if isinstance(error, ProfileNotFound):
        return f"{error}. AWS_PROFILE, or profile in the stage's file, must name one of ~/.aws/config."
    if isinstance(error, EndpointConnectionError):
        return f"{error} Is this machine online, and is that region's name spelled as AWS spells it?"
    if isinstance(error, CalledProcessError):
        command = " ".join(str(each) for each in error.cmd[:4])
        return f"{command} ended with {error.returncode}; what it said is above. Put that right and repeat."
    return str(error)


def is_denied(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in DENIED


def _explain_answer(error: ClientError) -> str:
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    if code in EXPIRED:
        return SIGN_IN_AGAIN
    if code in UNKNOWN_CREDENTIALS:
        return NOT_KNOWN
    if is_denied(error):
        return (
            f"AWS does not allow {error.operation_name}: {message}\n"
            "Ask whoever administers the account for it: infrastructure/deployer-policy.json lists it all."
        )
    if code in {"OptInRequired", "SubscriptionRequiredException"}:
        return f"The account has not switched this on: {message}"
    return f"AWS refused {error.operation_name}: {message} ({code})"
