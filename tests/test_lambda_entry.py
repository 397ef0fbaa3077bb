"""The function's entry, with the real app behind it: pages, refusals, and what is no event of ours."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from moto import mock_aws

from portal import aws_calls, lambda_entry
from portal.aws.client import calls
from portal.aws.ssm.parameter_store import ParameterStore
from portal.bootstrap import read_config
from portal.config.parsing import ConfigurationError
from portal.config.settings import SECRETS
from portal.domain.errors import Unavailable
from portal.web.edge.logging import configure
from tests.builders import Clock, make_environment, make_running
from tests.recorded_events import load_event
from tests.test_gateways import ODD, ODD_MAP, PATHS, REQUESTS

pytestmark = pytest.mark.requirement("T15")

CONTEXT = SimpleNamespace(aws_request_id="request-1", get_remaining_time_in_millis=lambda: 29_000)


@pytest.fixture(scope="module")
def handler() -> Iterator[lambda_entry.Handler]:
    """On an AWS without any resource: a call that nothing here should make would fail."""
    with mock_aws():
        portal = make_running(Clock())
        yield lambda_entry.make_handler(portal.app, portal.portal)


def headers_of(answer: dict[str, Any]) -> dict[str, str]:
    several = answer.get("multiValueHeaders", {})
    given = answer.get("headers") or {name: values[0] for name, values in several.items()}
    return {name.lower(): value for name, value in given.items()}


def asking(name: str, path: str, **changes: Any) -> dict[str, Any]:
    """A recorded request, for another path."""
    event = load_event(name, **changes)
    event["rawPath" if "rawPath" in event else "path"] = path
    event["requestContext"].pop("path", None)
    return event


@pytest.mark.requirement("R64")
def test_a_portal_that_did_not_start_says_so_where_the_alarm_counts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A line of JSON with the level and the service by which errors are counted."""
    waiting = lambda_entry.start({"AWS_LAMBDA_FUNCTION_NAME": "file-portal-pilot"})
    assert waiting(asking("http_api_v2", "/"), CONTEXT)["statusCode"] == 503
    (line,) = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert (line["level"], line["service"]) == ("CRITICAL", "file-portal-pilot")
    assert "did not start" in line["message"]


@pytest.fixture
def kept_secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """An environment without secrets, which names the parameter that has them."""
    calls.forget()
    variables = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    environment = make_environment()
    kept = {name: environment.pop(name) for name in SECRETS if name in environment}
    with mock_aws():
        boto3.client("ssm").put_parameter(Name="/p/secrets", Value=json.dumps(kept), Type="SecureString")
        yield environment | {"PORTAL_SECRETS_PARAMETER": "/p/secrets:1"}
    calls.forget()


@pytest.mark.requirement("R13", "R64")
def test_secrets_are_read_at_the_start_with_one_call(kept_secrets: dict[str, str]) -> None:
    count = aws_calls.begin()
    started = lambda_entry.start(kept_secrets)
    answers = [started(asking("http_api_v2", "/healthz"), CONTEXT)["statusCode"] for _ in range(2)]
    assert (answers, count.made) == ([200, 200], 1)
    own = make_environment(PORTAL_SECRET_KEY="of the environment itself, which counts")
    assert read_config(kept_secrets | own).secret_keys == (own["PORTAL_SECRET_KEY"],)


@pytest.mark.requirement("R13", "R64")
@pytest.mark.parametrize(
    ("name", "said"), [("/p/none", "/p/none"), ("/p/secrets:7", "/p/secrets:7"), ("/p/text", "in JSON")]
)
def test_secrets_that_are_not_there_stop_the_start(
    kept_secrets: dict[str, str], name: str, said: str
) -> None:
    boto3.client("ssm").put_parameter(Name="/p/text", Value="[1]", Type="SecureString")
    with pytest.raises(ConfigurationError, match=said):
        read_config(kept_secrets | {"PORTAL_SECRETS_PARAMETER": name})


@pytest.mark.requirement("R13", "R64")
def test_a_start_without_an_answer_is_tried_again_with_the_next_call(
    kept_secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Parameter Store puts off who asks too often, as many starts at once do; an environment lives on."""
    with monkeypatch.context() as out:

        def put_off(*_: Any) -> str:
            raise Unavailable

        out.setattr(ParameterStore, "read", put_off)
        started = lambda_entry.start(kept_secrets)
        assert started(asking("http_api_v2", "/healthz"), CONTEXT)["statusCode"] == 503
        with pytest.raises(lambda_entry.SecretsUnavailable):
            started(load_event("scheduled"), CONTEXT)
    assert "did not start" in capsys.readouterr().out
    assert started(asking("http_api_v2", "/healthz"), CONTEXT)["statusCode"] == 200


@pytest.mark.requirement("R17", "R22")
@pytest.mark.parametrize("name", REQUESTS)
def test_health_and_pages_through_every_gateway(handler: lambda_entry.Handler, name: str) -> None:
    """The real app answers, with its headers, whichever gateway asks."""
    healthy, page = handler(asking(name, "/healthz"), CONTEXT), handler(asking(name, "/"), CONTEXT)
    assert json.loads(healthy["body"])["status"] == "ok"
    assert page["statusCode"] == 200
    assert headers_of(page)["content-type"] == "text/html; charset=utf-8"
    assert headers_of(page)["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers_of(page)["content-security-policy"]


@pytest.mark.requirement("R19")
@pytest.mark.parametrize(
    "host", ["evil.example", "files.example.org@evil.example", "files.example.org:81", ""]
)
def test_another_host_gets_a_page_that_says_so(handler: lambda_entry.Handler, host: str) -> None:
    """No name but the portal's own, or the gateway's."""
    event = asking("http_api_v2", "/")
    event["headers"]["host"] = host
    answer = handler(event, CONTEXT)
    assert answer["statusCode"] == 400
    assert "evil" not in answer["body"]


@pytest.mark.requirement("R22", "R23")
@pytest.mark.parametrize(
    ("path", "kind"), [("/upload", "text/html"), ("/v1/uploads", "application/problem+json")]
)
def test_a_body_of_ten_megabytes(handler: lambda_entry.Handler, path: str, kind: str) -> None:
    """Refused in the portal's words, before anything reads it."""
    body = base64.b64encode(bytes(9_900_000)).decode()
    event = asking("rest_api_v1", path, httpMethod="POST", body=body, isBase64Encoded=True)
    answer = handler(event, CONTEXT)
    assert 303 <= answer["statusCode"] <= 413
    assert headers_of(answer)["content-type"].startswith(kind)


@pytest.mark.parametrize(
    "event",
    [
        {"command": "os.getcwd"}, {"raw_command": "raise SystemExit"}, {"manage": "check"}, {}, [], None, "x",
        {"version": "2.0"}, {"requestContext": {}}, {"Records": []}, {"Records": [{"eventSource": "x"}]},
        {"Records": [{"s3": {"configurationId": "os:getcwd"}}]}, {"source": "aws.events", "kwargs": {}},
    ],
)  # fmt: skip
def test_what_is_no_event_of_ours_is_refused(handler: lambda_entry.Handler, event: Any) -> None:
    """No field of an event names what is run."""
    assert handler(event, CONTEXT) == {"refused": True}


def test_what_is_logged_names_the_call_it_belongs_to(
    handler: lambda_entry.Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line of one call is found by the id that Lambda's own lines have."""
    root, portal = logging.getLogger(), logging.getLogger("portal")
    before = (root.handlers[:], root.level, portal.level)
    try:
        configure("INFO", "file-portal-test")
        handler(load_event("http_api_v2", rawPath="/healthz"), CONTEXT)
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        portal.setLevel(before[2])
    lines = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    (line,) = [each for each in lines if each["logger"] == "portal.request"]
    assert (line["function_request_id"], line["service"]) == ("request-1", "file-portal-test")
    assert line["correlation_id"] == "JKJaXmPLvHcESHA="


@pytest.mark.requirement("R64")
def test_without_configuration_requests_are_asked_to_come_back() -> None:
    """A start without its variables is no bad gateway, and events are left for later."""
    handler = lambda_entry.start({})
    assert handler(load_event("http_api_v2", rawPath="/healthz"), CONTEXT)["statusCode"] == 503
    with pytest.raises(lambda_entry.ConfigurationError, match="PORTAL_PUBLIC_URL"):
        handler(load_event("scheduled"), CONTEXT)


@pytest.mark.requirement("R20", "R22", "R25")
@pytest.mark.parametrize("name", REQUESTS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, headers=ODD_MAP | ODD, query=ODD_MAP | ODD, body=ODD)
def test_nothing_that_is_sent_makes_the_portal_fail(
    handler: lambda_entry.Handler, name: str, path: str, headers: Any, query: Any, body: Any
) -> None:
    """Odd paths, headers, queries and bodies are answered as what they are, never with 500."""
    event = asking(name, path, headers=headers, multiValueHeaders=headers, body=body)
    event |= {"queryStringParameters": query, "multiValueQueryStringParameters": query}
    assert 200 <= handler(event, CONTEXT)["statusCode"] < 500
