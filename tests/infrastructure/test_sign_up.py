"""Who may make an account by themselves, where anyone may: people of the named email domains."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from botocore.exceptions import ClientError

from infrastructure.change_sets import create_or_update_stack
from infrastructure.stack import environment_from_stack
from portal.local.ministack import MiniStack
from tests.infrastructure.conftest import PARAMETERS


def sign_up(aws: MiniStack, stack: str, address: str) -> str:
    """The error code, or nothing when it went through."""
    environment = environment_from_stack(aws.session(), stack)
    client, secret = environment["PORTAL_OIDC_CLIENT_ID"], environment["PORTAL_OIDC_CLIENT_SECRET"]
    proof = hmac.digest(secret.encode(), (address + client).encode(), hashlib.sha256)
    try:
        aws.session().client("cognito-idp").sign_up(
            ClientId=client,
            SecretHash=base64.b64encode(proof).decode(),
            Username=address,
            Password="fourteen letters and 1 Digit",
            UserAttributes=[{"Name": "email", "Value": address}],
        )
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


@pytest.mark.requirement("R5")
@pytest.mark.parametrize(
    ("domains", "address", "refusal"),
    [
        ("example.org,example.com", "somebody@example.org", ""),
        ("example.org,example.com", "somebody@EXAMPLE.com", ""),
        ("example.org,example.com", "somebody@example.net", "UserLambdaValidationException"),
        ("example.org", "somebody@example.org.example.net", "UserLambdaValidationException"),
    ],
)
def test_who_may_sign_up(embedded_aws: MiniStack, domains: str, address: str, refusal: str) -> None:
    """An account stands for a person the organisation knows, by invitation or by its own email domain."""
    session, stack = embedded_aws.session(), "portal-people-resources"
    parameters = {**PARAMETERS, "FunctionName": "portal-people", "SelfSignUpDomains": domains}
    create_or_update_stack(session, stack, parameters)
    assert sign_up(embedded_aws, stack, address) == refusal
