"""The stacks of a stage: each gets what it needs, and none changes before somebody has agreed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.decode import cfn_yaml

from infrastructure.change_sets import (
    Declined,
    Plan,
    ResourceChange,
    StackRequest,
    _template_source,
    bring_stack,
)
from infrastructure.consent import NOBODY_TO_ASK, ask_before, show_plan
from infrastructure.parameters import PARAMETERS
from infrastructure.stack import stack_outputs, template_body
from infrastructure.stack_states import exists_stack, stack_status
from infrastructure.stacks import FOLDER, STACKS, protect_from_deletion, show_plans
from infrastructure.stages import Stage
from infrastructure.watch_costs import COSTS
from portal.local.ministack import MiniStack

ARTIFACTS = STACKS[0].template
NEEDED = {"PublicUrl", "MailFrom", "FunctionName"}  # what a new stage has to say, and what it is called


def test_every_template_is_a_stack_of_a_stage() -> None:
    """But those of the account: its budget, which is in another region, and its pipeline, which deploys."""
    of_the_account = {COSTS, FOLDER / "pipeline.yaml"}
    assert {each.template for each in STACKS} == set(FOLDER.glob("*.yaml")) - of_the_account


def test_every_stack_is_told_what_it_needs() -> None:
    """A parameter without a default is said of the stage, or is given out by an earlier stack."""
    given: set[str] = set()
    for each in STACKS:
        template = cfn_yaml.load(str(each.template))
        needed = {name for name, one in template.get("Parameters", {}).items() if "Default" not in one}
        assert needed <= given | NEEDED | {each.made_for}, each.suffix
        given |= template.get("Outputs", {}).keys()


def test_whatever_can_be_said_is_a_parameter_of_some_stack() -> None:
    declared = {name for each in STACKS for name in cfn_yaml.load(str(each.template)).get("Parameters", {})}
    assert {parameter for parameter, _ in PARAMETERS.values()} <= declared


def test_every_role_stays_within_the_boundary(every_resource: dict[str, Any]) -> None:
    roles = {name: one for name, one in every_resource.items() if one["Type"] == "AWS::IAM::Role"}
    assert roles
    for name, one in roles.items():
        assert one["Properties"]["PermissionsBoundary"]["Fn::If"][:2] == [
            "HasBoundary", {"Ref": "PermissionsBoundary"},
        ], name  # fmt: skip


def test_the_first_template_needs_no_bucket() -> None:
    """CloudFormation takes 51,200 bytes with a request, and 1 MB from a bucket."""
    assert len(template_body(ARTIFACTS).encode()) <= 51_200
    assert all(len(template_body(each.template).encode()) <= 1_000_000 for each in STACKS)


@pytest.fixture
def session(embedded_aws: MiniStack) -> boto3.Session:
    return embedded_aws.session()


@pytest.fixture
def request_(session: boto3.Session, request: pytest.FixtureRequest) -> Iterator[StackRequest]:
    """A small stack of this test's own."""
    name = request.node.name.partition("[")[0].replace("_", "-")
    yield StackRequest(name, {}, ARTIFACTS)
    session.client("cloudformation").delete_stack(StackName=name)


def refuse(plan: Plan) -> None:
    raise Declined("no")


def test_what_nobody_wants_is_not_made(session: boto3.Session, request_: StackRequest) -> None:
    client = session.client("cloudformation")
    with pytest.raises(Declined):
        bring_stack(session, StackRequest(request_.name, {}, ARTIFACTS, agree=refuse))
    assert stack_status(client, request_.name) is None
    assert bring_stack(session, request_)
    assert stack_status(client, request_.name) == "CREATE_COMPLETE"


def test_what_nobody_wants_is_not_changed(
    session: boto3.Session, request_: StackRequest, tmp_path: Path
) -> None:
    """Neither a resource nor an output alone, and no change set is left behind."""
    bring_stack(session, request_)
    before, client = stack_outputs(session, request_.name), session.client("cloudformation")
    executed = client.list_change_sets(StackName=request_.name)["Summaries"]
    text = ARTIFACTS.read_text(encoding="utf-8")
    for number, (old, new) in enumerate(
        [("ExpirationInDays: 1", "ExpirationInDays: 2"), ("Outputs:", "Outputs:\n  More: {Value: more}")]
    ):
        other = tmp_path / f"other-{number}.yaml"
        other.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(Declined):
            bring_stack(session, StackRequest(request_.name, {}, other, agree=refuse))
    assert stack_outputs(session, request_.name) == before
    assert client.list_change_sets(StackName=request_.name)["Summaries"] == executed
    assert bring_stack(session, StackRequest(request_.name, {}, other))
    assert stack_outputs(session, request_.name) == before | {"More": "more"}


def test_nobody_is_asked_where_nothing_changes(session: boto3.Session, request_: StackRequest) -> None:
    bring_stack(session, request_)
    assert not bring_stack(session, StackRequest(request_.name, {}, ARTIFACTS, agree=refuse))


def test_a_template_that_fits_a_request_needs_no_bucket(session: boto3.Session) -> None:
    """Who plans may put nothing into the bucket; its name here is none's."""
    template = ARTIFACTS.with_name("monitoring.yaml")
    assert _template_source(session, StackRequest("x", {}, template, bucket="none")) == {
        "TemplateBody": template_body(template)
    }


def test_a_template_too_large_for_a_request_comes_from_the_bucket(
    session: boto3.Session, request_: StackRequest, tmp_path: Path
) -> None:
    bring_stack(session, request_)
    bucket = stack_outputs(session, request_.name)["PackagesBucket"]
    many = "\n".join(f"  Topic{number}: {{Type: AWS::SNS::Topic, Properties: {{DisplayName: {'x' * 90}}}}}"
                     for number in range(450))  # fmt: skip
    large = tmp_path / "large.yaml"
    large.write_text(f"Resources:\n{many}\n", encoding="utf-8")
    assert len(large.read_bytes()) > 51_200
    name = f"{request_.name}-large"
    assert bring_stack(session, StackRequest(name, {}, large, bucket=bucket))
    assert stack_status(session.client("cloudformation"), name) == "CREATE_COMPLETE"
    session.client("cloudformation").delete_stack(StackName=name)


def test_a_stack_is_protected_from_deletion_where_its_stage_is(
    session: boto3.Session, request_: StackRequest
) -> None:
    client = session.client("cloudformation")
    bring_stack(session, request_)
    for wanted in (True, False):
        stage = Stage("test", {"project_name": "portal"}, termination_protection=wanted)
        protect_from_deletion(session, stage, request_.name)
        (stack,) = client.describe_stacks(StackName=request_.name)["Stacks"]
        assert stack["EnableTerminationProtection"] is wanted


def test_without_a_terminal_nothing_is_carried_out(session: boto3.Session, request_: StackRequest) -> None:
    """Pytest's own input is none, as in a pipeline."""
    with pytest.raises(Declined, match="YES=1") as refused:
        bring_stack(session, StackRequest(request_.name, {}, ARTIFACTS, agree=ask_before(yes=False)))
    assert str(refused.value) == NOBODY_TO_ASK
    assert bring_stack(session, StackRequest(request_.name, {}, ARTIFACTS, agree=ask_before(yes=True)))


@pytest.mark.parametrize(
    ("typed", "agreed"), [("y", True), ("YES", True), ("", False), ("n", False), (EOFError(), False)]
)
def test_a_person_decides(monkeypatch: pytest.MonkeyPatch, typed: Any, agreed: bool) -> None:
    def answer(question: str) -> str:
        if isinstance(typed, BaseException):
            raise typed
        return str(typed)

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", answer)
    plan = Plan("portal", is_new=True, changes=())
    if agreed:
        ask_before(yes=False)(plan)
    else:
        with pytest.raises(Declined, match="Nothing was changed"):
            ask_before(yes=False)(plan)


@pytest.mark.parametrize("kind", ["AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::Cognito::UserPool"])
@pytest.mark.parametrize(
    ("action", "replacement", "warned"),
    [
        ("Modify", "True", True),
        ("Modify", "Conditional", True),
        ("Remove", "", True),
        ("Modify", "False", False),
        ("Add", "", False),
    ],
)
def test_a_plan_warns_before_data_is_left(
    capsys: pytest.CaptureFixture[str], kind: str, action: str, replacement: str, warned: bool
) -> None:
    show_plan(Plan("portal", is_new=False, changes=(ResourceChange(action, "Files", kind, replacement),)))
    assert ("TAKE CARE: Files holds data" in capsys.readouterr().out) is warned


def test_a_plan_of_a_stage_that_was_begun_shows_what_can_be_known(
    session: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where only the first stack is there: the second as a table, and of those after it that they would be
    made; nothing is."""
    stage = Stage("begun", {"project_name": "plan"}, termination_protection=False)
    given = {"PublicUrl": "https://files.example.org", "MailFrom": "portal@example.org"}
    shown: list[Plan] = []
    show_plans(session, stage, given, shown.append)
    assert [each.stack for each in shown] == [stage.stack("artifacts")]
    bring_stack(session, StackRequest(stage.stack("artifacts"), {}, ARTIFACTS))
    capsys.readouterr()
    show_plans(session, stage, given, shown.append)
    assert [each.stack for each in shown[1:]] == [stage.resources]
    said = capsys.readouterr().out
    assert f"{stage.stack('artifacts')} is as it should be" in said
    assert f"{stage.stack('monitoring')} would be made after that" in said
    assert not exists_stack(session, stage.resources)
