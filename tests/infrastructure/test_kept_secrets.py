"""The function's secrets: in Parameter Store alone, and of the version that the function names."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from infrastructure.kept_secrets import PARAMETER, keep_secrets, name_parameter, read_secrets
from portal.config.settings import SECRETS
from tests.infrastructure.conftest import Stack

pytestmark = pytest.mark.requirement("R13")

KEPT = dict.fromkeys(SECRETS, "a secret")
FUNCTION = "kept-secrets"


def test_what_a_function_is_told_has_no_secret_and_leads_to_all(stack: Stack) -> None:
    told = keep_secrets(stack.root, FUNCTION, KEPT | {"PORTAL_TABLE": "facts"})
    assert told.keys() == {"PORTAL_TABLE", PARAMETER}
    assert "a secret" not in str(told)
    assert read_secrets(stack.root, told) == KEPT
    assert read_secrets(stack.root, KEPT) == KEPT, "as 0.5 left it"


def test_a_version_is_of_one_content(stack: Stack) -> None:
    """So a second deploy changes nothing, and other secrets start the function anew."""
    first = keep_secrets(stack.root, FUNCTION, KEPT)
    assert keep_secrets(stack.root, FUNCTION, KEPT | first) == first
    other = keep_secrets(stack.root, FUNCTION, {**KEPT, **first, SECRETS[0]: "another"})
    assert other != first
    assert read_secrets(stack.root, first) == KEPT, "who runs with the older one can still read it"


def test_what_is_made_after_the_parameter_was_deleted_is_another_version(stack: Stack) -> None:
    """Versions begin again with 1, and a function that was told so before would not start anew."""
    name = FUNCTION + "-again"
    first = keep_secrets(stack.root, name, KEPT)
    stack.root.client("ssm").delete_parameter(Name=name_parameter(name))
    assert read_secrets(stack.root, first) == {}
    second = keep_secrets(stack.root, name, {**KEPT, **first, SECRETS[0]: "after the leak"})
    assert second[PARAMETER] != first[PARAMETER]
    assert read_secrets(stack.root, second)[SECRETS[0]] == "after the leak"


def test_the_functions_role_reads_its_secrets_and_no_other_parameter(stack: Stack) -> None:
    """Neither the history of keys nor another stage's."""
    store = stack.role.client("ssm")
    told = keep_secrets(stack.root, "portal-test", KEPT)
    assert store.get_parameter(Name=told[PARAMETER], WithDecryption=True)["Parameter"]["Value"]
    others = [name_parameter("portal-other"), "/portal-test/secret-key"]
    for name in others:
        stack.root.client("ssm").put_parameter(Name=name, Value="x", Type="SecureString", Overwrite=True)
        with pytest.raises(ClientError, match="AccessDenied"):
            store.get_parameter(Name=name, WithDecryption=True)
        stack.root.client("ssm").delete_parameter(Name=name)
