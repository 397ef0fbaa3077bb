"""What a deployer must be allowed: written down as the code says, and nothing that reads what people own."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from infrastructure.deployer_policy import (
    LARGEST,
    READS_OR_WRITES_DATA,
    REASONS,
    list_deployer_actions,
    list_documents,
    list_formation_actions,
    measure,
    name_action,
)
from infrastructure.stacks import FOLDER, STACKS

DOCUMENTS = list_documents()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_are_what_the_code_says(name: str) -> None:
    """`python -m infrastructure.deployer_policy` writes them."""
    assert json.loads((FOLDER / name).read_text(encoding="utf-8")) == DOCUMENTS[name]
    assert measure(DOCUMENTS[name]) <= LARGEST


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_role_is_passed_to_the_services_that_need_one_alone(name: str) -> None:
    """Else whoever deploys could hand the function's role, or any other, to a machine of their own."""
    passing = [each for each in DOCUMENTS[name]["Statement"] if "iam:PassRole" in each["Action"]]
    assert [each["Action"] for each in passing] == [["iam:PassRole"]] * len(passing)
    services = [each["Condition"]["StringEquals"]["iam:PassedToService"] for each in passing]
    trusted = {
        service
        for one in find_roles()
        for statement in one["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        for service in as_list(statement["Principal"].get("Service", []))
    }
    assert trusted
    assert [set(each) for each in services] == [trusted | {"cloudformation.amazonaws.com"}] * len(passing)


def find_roles() -> list[dict[str, Any]]:
    resources = [one for each in STACKS for one in cfn_yaml.load(str(each.template))["Resources"].values()]
    return [one for one in resources if one["Type"] == "AWS::IAM::Role"]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_no_document_is_left_over() -> None:
    assert {path.name for path in FOLDER.glob("*-policy*.json")} == DOCUMENTS.keys()


def test_every_action_is_named_and_is_in_a_document() -> None:
    allowed = [
        action for policy in DOCUMENTS.values() for each in policy["Statement"] for action in each["Action"]
    ]
    assert all(re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", each) for each in allowed)
    assert set(allowed) == {*list_deployer_actions(), *list_formation_actions()}


def test_making_stacks_reads_nothing_that_people_own() -> None:
    assert not set(list_formation_actions()) & READS_OR_WRITES_DATA
    own = {each for each in list_deployer_actions() if each in READS_OR_WRITES_DATA}
    assert own - REASONS.keys() == {"s3:PutObject", "s3:DeleteObject"}  # templates and packages


@pytest.mark.parametrize(
    ("service", "operation", "method", "action"),
    [
        ("apigateway", "CreateDeployment", "POST", "apigateway:POST"),
        ("monitoring", "DescribeAlarms", "POST", "cloudwatch:DescribeAlarms"),
        ("s3", "ListObjectsV2", "GET", "s3:ListBucket"),
        ("lambda", "GetFunction", "GET", "lambda:GetFunction"),
    ],
)
def test_a_call_needs_this_action(service: str, operation: str, method: str, action: str) -> None:
    assert name_action(service, operation, method) == action
