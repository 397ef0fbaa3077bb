"""What is ours is done when Cognito does not answer, or says no."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from tests.actions import list_rows, share_files, upload_file
from tests.builders import Clock, Running, make_running
from tests.web.browser import Browser
from tests.web.provider import POOL, Provider
from tests.web.signed_in import sign_in

pytestmark = pytest.mark.requirement("R81")

WHERE = {"endpoint_url": "https://cognito-idp.eu-central-1.amazonaws.com"}
FAILURES: dict[str, Any] = {
    "no connection": EndpointConnectionError(**WHERE),
    "time-out of the connection": ConnectTimeoutError(**WHERE),
    "time-out of the answer": ReadTimeoutError(**WHERE),
    "throttled": (400, "ThrottlingException"),
    "an error of its own": (500, "InternalErrorException"),
    "not allowed": (400, "AccessDeniedException"),
    "no such pool": (400, "ResourceNotFoundException"),
    "something new": (418, "TeapotException"),
    "a fault of the SDK": RuntimeError("credentials"),
}


@pytest.fixture
def portal(aws: None, clock: Clock, provider: Provider) -> Running:
    return make_running(
        clock,
        PORTAL_OIDC_METADATA_URL=f"{provider.url}/{POOL}/.well-known/openid-configuration",
        PORTAL_SIGN_OUT_URL=f"{provider.url}/logout",
    )


@pytest.fixture(params=FAILURES.values(), ids=FAILURES)
def failing(request: pytest.FixtureRequest, portal: Running) -> Iterator[list[str]]:
    """Every call to Cognito fails in this way; says which there were."""
    calls: list[str] = []

    def fail(model: Any, **_: Any) -> Any:
        calls.append(model.name)
        if isinstance(request.param, Exception):
            raise request.param
        status, code = request.param
        answer = type("Answer", (), {"status_code": status, "headers": {}})()
        return answer, {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}

    people: Any = portal.portal.services.people
    events = people.clients.get("cognito-idp").meta.events
    events.register("before-call", fail, unique_id="fail")
    yield calls
    events.unregister("before-call", unique_id="fail")


def test_signing_out_everywhere_is_done_without_cognito(
    new_browser: Callable[[], Browser], provider: Provider, failing: list[str], caplog: Any
) -> None:
    here, there = new_browser(), new_browser()
    for browser in (here, there):
        sign_in(browser)
    here.get("/account")
    answer = here.submit("/account/sign-out-everywhere")
    assert answer.location.startswith(f"{provider.url}/logout?")
    assert not here.cookie("session")
    for browser in (here, there):
        assert "/login" in browser.get("/account", 303).location
    assert failing == ["AdminGetUser", "AdminUserGlobalSignOut"]
    found = [each for each in caplog.records if each.message == "sign-out not passed on"]
    assert [each.levelname for each in found] == ["WARNING"]
    assert not [each for each in caplog.records if each.levelname == "ERROR"]


def test_deleting_an_account_deletes_what_is_ours(
    browser: Browser, portal: Running, failing: list[str]
) -> None:
    """What is left is the profile, by which the schedule asks Cognito again."""
    me = sign_in(browser)
    share_files(portal, me, [upload_file(portal, me)])
    browser.get("/account")
    browser.submit("/account/delete", 200, confirmation=me.address)
    assert failing == ["AdminGetUser", "AdminUserGlobalSignOut", "AdminDeleteUser"]
    mine = [item["sk"]["S"] for item in list_rows(portal) if item["pk"]["S"] == f"PERSON#{me.id}"]
    assert set(mine) <= {"PROFILE", "USAGE"}
    assert [each.id for each in portal.portal.services.people.list_closing(5)] == [me.id]
    assert browser.sign_in().status == 403


@pytest.mark.requirement("R8")
def test_signing_out_notes_and_revokes_each_whatever_the_other_does(
    browser: Browser, portal: Running, provider: Provider
) -> None:
    """A table that takes no audit record keeps nobody's refresh token alive."""
    sign_in(browser)
    browser.get("/files")
    audit: Any = portal.portal.services.audit

    def fail(**_: Any) -> None:
        raise EndpointConnectionError(**WHERE)

    events = audit.table.clients.get("dynamodb").meta.events
    events.register("before-call.dynamodb.PutItem", fail, unique_id="no audit")
    browser.submit("/logout")
    events.unregister("before-call.dynamodb.PutItem", unique_id="no audit")
    assert not provider.refresh_tokens
    assert "/login" in browser.get("/account", 303).location
