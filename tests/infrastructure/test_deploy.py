"""What Zappa is told: the stack's role, queue and bucket, and an environment kept out of the package."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infrastructure.function import zappa_settings
from infrastructure.runtime import CHECKOUT
from infrastructure.stages import read_stage

OUTPUTS = {
    "EventsQueueArn": "arn:aws:sqs:eu-central-1:000000000000:events",
    "FunctionRoleArn": "arn:aws:iam::000000000000:role/portal",
    "PackagesBucket": "packages",
}
VARIABLES = {"PORTAL_TABLE": "the facts", "PORTAL_SECRETS_PARAMETER": "/portal/secrets:1"}
SECRETS = {"PORTAL_SECRET_KEY": "the secret key", "PORTAL_OIDC_CLIENT_SECRET": "the client secret"}


@pytest.fixture(params=["production", "development"])
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    return zappa_settings(read_stage(request.param).settings, OUTPUTS, VARIABLES, "eu-central-1")


@pytest.mark.requirement("T15")
def test_zappa_runs_our_handler_under_our_role(settings: dict[str, Any]) -> None:
    """Neither Zappa's handler nor its role, which may do everything."""
    assert settings["lambda_handler"] == "portal.lambda_entry.handler"
    assert settings["manage_roles"] is False
    assert settings["role_arn"] == OUTPUTS["FunctionRoleArn"]
    assert settings["debug"] is False
    assert settings["keep_warm"] is False
    assert "s3:*" not in json.dumps(settings)


@pytest.mark.parametrize(
    ("outputs", "traced"), [({}, False), ({"Traces": "off"}, False), ({"Traces": "on"}, True)]
)
def test_traces_are_a_switch_of_the_stage(outputs: dict[str, str], traced: bool) -> None:
    """Of the function, together with its role's permission, which the template gives."""
    settings = zappa_settings(read_stage("production").settings, OUTPUTS | outputs, VARIABLES, "eu-central-1")
    assert settings["xray_tracing"] is traced


@pytest.mark.requirement("R59")
def test_the_function_answers_before_the_gateway_gives_up(settings: dict[str, Any]) -> None:
    """API Gateway waits 29 seconds."""
    assert settings["timeout_seconds"] <= 29


@pytest.mark.requirement("R58")
def test_zappa_wires_no_queue(settings: dict[str, Any]) -> None:
    """It can ask neither for partial answers nor for a maximum, so the stack of mappings does."""
    assert "events" not in settings


@pytest.mark.requirement("R13")
def test_variables_stay_out_of_the_package(settings: dict[str, Any]) -> None:
    """Zappa writes `environment_variables` into the zip; ours go to Lambda's own."""
    assert settings["aws_environment_variables"].items() >= VARIABLES.items()
    others = {key: value for key, value in settings.items() if key != "aws_environment_variables"}
    assert not [value for value in VARIABLES.values() if value in json.dumps(others)]


@pytest.mark.requirement("R13")
def test_zappa_is_told_no_secret() -> None:
    """Not even one that the stage's own settings have; Parameter Store has them."""
    stage = {**read_stage("production").settings, "aws_environment_variables": SECRETS | {"A": "b"}}
    settings = zappa_settings(stage, OUTPUTS, VARIABLES, "eu-central-1")
    assert settings["aws_environment_variables"] == VARIABLES | {"A": "b"}


def test_a_stage_extends_another() -> None:
    own = json.loads((CHECKOUT / "zappa_settings.json").read_text(encoding="utf-8"))["development"]
    stage = read_stage("development").settings
    assert stage["memory_size"] == read_stage("production").settings["memory_size"]
    assert stage["aws_environment_variables"].items() >= own["aws_environment_variables"].items()
