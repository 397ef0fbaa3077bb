"""Whatever stops a command ends it with a sentence that says what to do."""

from __future__ import annotations

import re
from subprocess import CalledProcessError

import pytest
from botocore import exceptions
from botocore.exceptions import ClientError

from infrastructure.failures import (
    DENIED,
    EXPIRED,
    UNKNOWN_CREDENTIALS,
    CommandFailed,
    end_with_a_sentence,
    explain,
)


def refusal(code: str) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "what AWS says"}}
    return ClientError(answer, "CreateChangeSet")  # type: ignore[arg-type]


SENTENCES = [
    *[(refusal(code), "Sign in again") for code in sorted(EXPIRED)],
    *[(refusal(code), "Check AWS_PROFILE") for code in sorted(UNKNOWN_CREDENTIALS)],
    *[(refusal(code), "CreateChangeSet: what AWS says\n.*whoever administers") for code in sorted(DENIED)],
    (refusal("OptInRequired"), "not switched this on"),
    (refusal("LimitExceededException"), r"CreateChangeSet: what AWS says \(LimitExceededException\)"),
    (exceptions.NoCredentialsError(), "Set AWS_PROFILE"),
    (
        exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        "id and its secret",
    ),
    (exceptions.NoRegionError(), "Set AWS_REGION"),
    (exceptions.ProfileNotFound(profile="files"), "files.*~/.aws/config"),
    (exceptions.UnauthorizedSSOTokenError(), "Sign in again"),
    (exceptions.SSOTokenLoadError(error_msg="x"), "Sign in again"),
    (exceptions.TokenRetrievalError(provider="sso", error_msg="x"), "Sign in again"),
    (exceptions.CredentialRetrievalError(provider="process", error_msg="x"), "Sign in again"),
    (exceptions.EndpointConnectionError(endpoint_url="https://sts.eu-centrl-1.amazonaws.com"), "spelled"),
    (CommandFailed("as it is"), "^as it is$"),
    (PermissionError(13, "Permission denied", "build"), "Permission denied: 'build'"),
    (CalledProcessError(1, ["python", "-m", "pip", "install", "x"]), "^python -m pip install ended with 1"),
]


@pytest.mark.parametrize(("error", "sentence"), SENTENCES, ids=lambda each: str(each)[:60])
def test_what_fails_says_what_to_do(error: Exception, sentence: str) -> None:
    assert re.search(sentence, explain(error), re.DOTALL)
    with pytest.raises(SystemExit) as ended, end_with_a_sentence():
        raise error
    assert ended.value.code == explain(error)


def test_a_fault_of_our_own_is_not_hidden() -> None:
    with pytest.raises(KeyError), end_with_a_sentence():
        raise KeyError("a mistake")
