"""What a deployer must be allowed: written down as the code says, and nothing that reads what people own."""

from __future__ import annotations

import json
import re

import pytest

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
from infrastructure.stacks import FOLDER

DOCUMENTS = list_documents()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_are_what_the_code_says(name: str) -> None:
    """`python -m infrastructure.deployer_policy` writes them."""
    assert json.loads((FOLDER / name).read_text(encoding="utf-8")) == DOCUMENTS[name]
    assert measure(DOCUMENTS[name]) <= LARGEST


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
