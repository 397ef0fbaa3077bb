"""Where the template has files scanned, the bucket itself gives out none before it is clean: its policy, read
as AWS reads one, and GuardDuty's plan and role.
"""

from __future__ import annotations

from typing import Any

import pytest

from infrastructure.stack import VARIABLES, portal_environment
from portal.aws.guardduty.scanner import CLOSED, RELEASE_TAG, RELEASED, STATUS_TAG
from portal.domain.files.scans import NO_THREATS_FOUND, STATES

pytestmark = pytest.mark.requirement("R36", "T15")

FUNCTION, SCANNER, SOMEONE = "FunctionRole.Arn", "ScanRole.Arn", "arn:aws:iam::1:role/admin"
PRESIGNED, BY_HEADER = "REST-QUERY-STRING", "REST-HEADER"
READS, TAGS = ("s3:GetObject", "s3:GetObjectVersion"), ("s3:PutObjectTagging", "s3:PutObjectVersionTagging")
ON = {"ScansFiles"}


def chosen(value: Any, conditions: set[str]) -> Any:
    """A part of the template as it is under these conditions; attributes of resources as their names."""
    if isinstance(value, dict) and set(value) == {"Fn::If"}:
        name, holds, otherwise = value["Fn::If"]
        return chosen(holds if name in conditions else otherwise, conditions)
    if isinstance(value, dict) and set(value) == {"Fn::GetAtt"}:
        named = value["Fn::GetAtt"]
        return named if isinstance(named, str) else ".".join(named)
    if isinstance(value, dict):
        return {name: chosen(each, conditions) for name, each in value.items()}
    if isinstance(value, list):
        found = [chosen(each, conditions) for each in value]
        return [each for each in found if each != {"Ref": "AWS::NoValue"}]
    return value


def flat(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def holds(operator: str, asked: dict[str, Any], facts: dict[str, str]) -> bool:
    """One block of a condition; a key that is not there fits none of the values (IAM user guide)."""
    negated = "Not" in operator
    return all((facts.get(name) in map(str, flat(values))) is not negated for name, values in asked.items())


@pytest.fixture
def statements(resources: dict[str, Any]) -> list[dict[str, Any]]:
    policy = resources["FilesBucketPolicy"]["Properties"]["PolicyDocument"]
    return list(chosen(policy["Statement"], ON))


def is_denied(statements: list[dict[str, Any]], action: str, who: str, **facts: str) -> bool:
    known = {"aws:PrincipalArn": who, "aws:SecureTransport": "true", **facts}
    return any(
        each["Effect"] == "Deny"
        and action in flat(each["Action"])
        and all(holds(operator, asked, known) for operator, asked in each["Condition"].items())
        for each in statements
    )


def tagged(status: str = "", release: str = "") -> dict[str, str]:
    tags = {STATUS_TAG: status, RELEASE_TAG: release}
    return {f"s3:ExistingObjectTag/{name}": value for name, value in tags.items() if value}


@pytest.mark.parametrize("action", READS)
@pytest.mark.parametrize("who", [FUNCTION, SOMEONE])
def test_no_address_opens_what_is_not_clean(statements: list[dict[str, Any]], action: str, who: str) -> None:
    """Whoever signed it: not scanned, scanned with any other result, or a release that was set back."""
    closed = [
        tagged(),
        *(tagged(each) for each in STATES if each != NO_THREATS_FOUND),
        tagged("FAILED", CLOSED),
    ]
    for tags in closed:
        assert is_denied(statements, action, who, **{"s3:authType": PRESIGNED}, **tags), tags
    for tags in (tagged(NO_THREATS_FOUND), tagged("THREATS_FOUND", RELEASED)):
        assert not is_denied(statements, action, who, **{"s3:authType": PRESIGNED}, **tags), tags


@pytest.mark.parametrize("action", READS)
def test_nobody_else_reads_it_but_the_scanner_and_the_functions_own_calls(
    statements: list[dict[str, Any]], action: str
) -> None:
    """An upload's head is looked at, and a copy's source read, before or after it is scanned."""
    for who, may in {FUNCTION: True, SCANNER: True, SOMEONE: False}.items():
        for tags in (tagged(), tagged("UNSUPPORTED")):
            assert is_denied(statements, action, who, **{"s3:authType": BY_HEADER}, **tags) is not may
    assert not is_denied(
        statements, action, SOMEONE, **{"s3:authType": BY_HEADER}, **tagged(NO_THREATS_FOUND)
    )


@pytest.mark.parametrize("action", TAGS)
def test_only_the_scanner_says_clean(statements: list[dict[str, Any]], action: str) -> None:
    says = {f"s3:RequestObjectTag/{STATUS_TAG}": NO_THREATS_FOUND}
    keeps = {f"s3:RequestObjectTag/{STATUS_TAG}": "THREATS_FOUND"}
    assert not is_denied(statements, action, SCANNER, **says)
    assert is_denied(statements, action, FUNCTION, **says)
    assert not is_denied(statements, action, FUNCTION, **keeps)
    assert is_denied(statements, action, SOMEONE, **keeps)


def test_off_changes_nothing(resources: dict[str, Any]) -> None:
    """The bucket's policy asks for TLS and no more, nothing of GuardDuty is made, and no variable is set."""
    policy = resources["FilesBucketPolicy"]["Properties"]["PolicyDocument"]
    assert [each["Sid"] for each in chosen(policy["Statement"], set())] == ["OnlyOverTls"]
    assert {resources[name]["Condition"] for name in ("ScanRole", "ScanPlan")} == ON
    outputs = dict.fromkeys([*VARIABLES, "SignInDomain"], "x") | {"UserPool": "eu-central-1_x"}
    address = "https://cognito-idp.eu-central-1.amazonaws.com"
    assert "PORTAL_SCAN_REQUIRED" not in portal_environment(outputs, "secret", address)
    on = portal_environment(outputs | {"ScanFiles": "on"}, "secret", address)
    assert on["PORTAL_SCAN_REQUIRED"] == "on"


def test_the_plan_scans_files_and_tags_them(template: dict[str, Any], resources: dict[str, Any]) -> None:
    """By a role that GuardDuty alone takes on, which hears of new objects, reads and tags, and no more."""
    plan, role = resources["ScanPlan"]["Properties"], resources["ScanRole"]["Properties"]
    assert plan["Actions"] == {"Tagging": {"Status": "ENABLED"}}
    assert plan["ProtectedResource"] == {
        "S3Bucket": {"BucketName": {"Ref": "FilesBucket"}, "ObjectPrefixes": ["files/"]}
    }
    assert chosen(plan["Role"], ON) == SCANNER
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "malware-protection-plan.guardduty.amazonaws.com"}
    (policy,) = role["Policies"]
    allowed = {action for each in policy["PolicyDocument"]["Statement"] for action in flat(each["Action"])}
    assert {"s3:GetObjectVersion", "s3:PutObjectVersionTagging", "events:PutRule"} <= allowed
    assert not {each for each in allowed if each.startswith(("s3:Delete", "dynamodb:", "iam:"))}
    told = resources["FilesBucket"]["Properties"]["NotificationConfiguration"]
    assert chosen(told["EventBridgeConfiguration"], ON) == {"EventBridgeEnabled": True}
    assert template["Outputs"]["ScanFiles"]["Condition"] == "ScansFiles"
