"""Who may deploy from GitHub: one environment of one repository; a pull request may plan and no more."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from cfnlint.decode import cfn_yaml

from infrastructure.runtime import CHECKOUT, pinned_runtime
from infrastructure.stack import TEMPLATE

PIPELINE = TEMPLATE.with_name("pipeline.yaml")
WORKFLOWS = sorted((CHECKOUT / ".github" / "workflows").glob("*.yml"))
SUBJECTS = {
    "DeployRole": "repo:${Repository}:environment:${Stage}",
    "PlanRole": "repo:${Repository}:pull_request",
}


@pytest.fixture(scope="module")
def pipeline() -> dict[str, Any]:
    return dict(cfn_yaml.load(str(PIPELINE)))


@pytest.fixture(scope="module")
def deploying() -> dict[str, Any]:
    return dict(yaml.safe_load((CHECKOUT / ".github/workflows/deploy.yml").read_text(encoding="utf-8")))


@pytest.mark.parametrize(("role", "subject"), SUBJECTS.items())
def test_a_role_is_for_jobs_of_one_kind(pipeline: dict[str, Any], role: str, subject: str) -> None:
    """Compared as a whole, audience and subject, so that no other repository, branch or fork passes."""
    (trust,) = pipeline["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": {"Fn::Sub": subject},
        }
    }
    assert not re.fullmatch(pipeline["Parameters"]["Repository"]["AllowedPattern"], "acme/*")


def test_who_plans_can_change_nothing_and_read_no_data(pipeline: dict[str, Any]) -> None:
    role = pipeline["Resources"]["PlanRole"]["Properties"]
    assert "ManagedPolicyArns" not in role
    (policy,) = role["Policies"]
    *statements, passing = policy["PolicyDocument"]["Statement"]
    condition, may_pass, nothing = passing["Fn::If"]
    assert (condition, nothing) == ("HasFormationRole", {"Ref": "AWS::NoValue"})
    assert (may_pass["Action"], may_pass["Resource"]) == ("iam:PassRole", {"Ref": "FormationRole"})
    assert may_pass["Condition"]["StringEquals"]["iam:PassedToService"] == "cloudformation.amazonaws.com"
    actions = [
        action for each in statements
        for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    ]  # fmt: skip
    names = [
        "CreateChangeSet", "DeleteChangeSet", "DescribeChangeSet",
        "DescribeStacks", "GetTemplate", "GetTemplateSummary",
    ]  # fmt: skip
    assert sorted(actions) == [f"cloudformation:{name}" for name in names]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_job_may_no_more_than_it_needs(path: Any) -> None:
    """Actions by what they were, bounded in time, with no permission but those that a job names."""
    text = path.read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] in ({}, {"contents": "read"})
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 90
        for step in job["steps"]:
            uses = step.get("uses", "./")
            assert uses.startswith("./") or re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", uses), uses
    assert "secrets." not in text, "no key is stored"


def test_only_main_is_deployed_and_only_after_an_approval(deploying: dict[str, Any]) -> None:
    """GitHub asks whoever the environment of the stage's name says; a pull request never gets there."""
    jobs = deploying["jobs"]
    assert jobs["deploy"]["environment"] == "${{ inputs.stage }}"
    assert jobs["deploy"]["needs"] == "package"
    assert "github.ref == 'refs/heads/main'" in jobs["package"]["if"]
    assert "workflow_dispatch" in jobs["package"]["if"]
    assert "PLAN=1" in jobs["plan"]["steps"][-1]["run"]
    assert "head.repo.full_name == github.repository" in jobs["plan"]["if"]
    asked = {
        name for name, job in jobs.items() for step in job["steps"] if "take-role" in step.get("uses", "")
    }
    assert asked == {"plan", "deploy"}


def test_workflows_run_on_the_functions_python() -> None:
    """What is tested and packaged there is what runs."""
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    assert set(re.findall(r'python-version: "([^"]+)"', text)) == {pinned_runtime().version}
