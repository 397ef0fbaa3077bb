"""`make admin`: the first administrator of a deployed portal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from infrastructure.make_admin import make_admin
from tests.infrastructure.conftest import Stack

ADDRESS = "first@example.org"


@pytest.fixture
def cognito(stack: Stack) -> Iterator[Any]:
    client = stack.root.client("cognito-idp")
    yield client
    client.admin_delete_user(UserPoolId=stack.outputs["UserPool"], Username=ADDRESS)


def test_the_first_administrator_is_invited_and_again_nothing_changes(stack: Stack, cognito: Any) -> None:
    pool = stack.outputs["UserPool"]
    invited, done, when = make_admin(cognito, pool, "admins", ADDRESS)
    assert ADDRESS in invited
    assert "group admins" in done
    assert "next sign-in" in when
    (again,) = make_admin(cognito, pool, "admins", ADDRESS)
    assert "already" in again
    members = cognito.list_users_in_group(UserPoolId=pool, GroupName="admins")["Users"]
    assert len(members) == 1


def test_what_is_no_address_changes_nothing() -> None:
    with pytest.raises(SystemExit, match="no email address"):
        make_admin(None, "pool", "admins", "@ana")
