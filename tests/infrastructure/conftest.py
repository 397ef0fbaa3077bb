"""The template as data, and a stack made of it on embedded AWS, which enforces its policies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from cfnlint.decode import cfn_yaml

from infrastructure.change_sets import create_or_update_stack
from infrastructure.stack import TEMPLATE, stack_outputs
from infrastructure.stacks import STACKS
from portal.local.adaptations import suit_embedded_aws
from portal.local.ministack import MiniStack

STACK = "portal-test-resources"
PARAMETERS = {
    "PublicUrl": "http://127.0.0.1:8000",
    "FunctionName": "portal-test",
    "MailFrom": "portal@example.org",
    "Protection": "off",
}


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    return dict(cfn_yaml.load(str(TEMPLATE)))


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> dict[str, Any]:
    return dict(template["Resources"])


@pytest.fixture(scope="session")
def every_resource() -> dict[str, Any]:
    """Of all stacks of a stage."""
    templates = [cfn_yaml.load(str(each.template)) for each in STACKS]
    return {name: one for template in templates for name, one in template["Resources"].items()}


@pytest.fixture(scope="session")
def every_parameter() -> dict[str, Any]:
    """Of all stacks of a stage."""
    templates = [cfn_yaml.load(str(each.template)) for each in STACKS]
    return {name: one for each in templates for name, one in each.get("Parameters", {}).items()}


@dataclass(frozen=True)
class Stack:
    """A stack on embedded AWS; `root` is the deployer's session, `role` the function's."""

    root: boto3.Session
    role: boto3.Session
    outputs: dict[str, str]


@pytest.fixture(scope="session")
def embedded_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    with MiniStack(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


@pytest.fixture(scope="session")
def stack(embedded_aws: MiniStack) -> Stack:
    root = embedded_aws.session()
    create_or_update_stack(root, STACK, PARAMETERS)
    outputs = stack_outputs(root, STACK)
    suit_embedded_aws(root, outputs)
    keys = root.client("sts").assume_role(RoleArn=outputs["FunctionRoleArn"], RoleSessionName="test")
    return Stack(root, session_of(embedded_aws, keys["Credentials"]), outputs)


def session_of(aws: MiniStack, keys: dict[str, str]) -> boto3.Session:
    session = aws.session()
    return type(session)(  # the kind that talks to embedded AWS whatever the environment says
        aws.endpoint,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        region_name=session.region_name,
    )
