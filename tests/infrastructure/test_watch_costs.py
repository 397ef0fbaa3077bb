"""Who hears of costs. No stand-in makes budgets of a template: it is read, and the command up to its
request.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import cfnlint
import pytest
from cfnlint.decode import cfn_yaml

from infrastructure import watch_costs
from infrastructure.change_sets import StackRequest
from infrastructure.deployer_policy import list_formation_actions
from infrastructure.failures import CommandFailed
from infrastructure.stack import StackFailed
from infrastructure.stages import read_stage
from infrastructure.watch_costs import COSTS, HOMES, main, make_request, move_home, parse_arguments
from portal.local.ministack import MiniStack

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas" / "providers"
TYPED = ["--amount", "50", "--alarm", "ops@example.org"]


@pytest.fixture(scope="module")
def costs() -> dict[str, Any]:
    return dict(cfn_yaml.load(str(COSTS)))


@pytest.mark.parametrize("region", HOMES.values())
def test_a_home_region_has_what_the_template_makes(costs: dict[str, Any], region: str) -> None:
    """CloudFormation refuses a template with a type that its region has not, whatever the conditions say."""
    known = json.loads((SCHEMAS / f"{region}.json").read_text(encoding="utf-8"))
    assert {each["Type"] for each in costs["Resources"].values()} <= set(known)


@pytest.mark.parametrize(
    ("region", "home"),
    [
        ("eu-north-1", "us-east-1"), ("us-east-1", "us-east-1"), ("cn-north-1", "cn-northwest-1"),
        ("eusc-de-east-1", "eusc-de-east-1"),
    ],
)  # fmt: skip
def test_it_goes_where_the_bills_are(region: str, home: str) -> None:
    """With the same credentials."""
    moved = move_home(boto3.Session("AKIDEXAMPLE", "secret", "token", region_name=region))
    assert moved.region_name == home
    found = moved.get_credentials()
    assert found is not None
    assert tuple(found.get_frozen_credentials()) == ("AKIDEXAMPLE", "secret", "token", None)


def test_a_partition_without_budgets_is_told_what_to_do() -> None:
    session = boto3.Session("AKIDEXAMPLE", "secret", region_name="us-gov-west-1")
    with pytest.raises(CommandFailed, match="set one in the billing console"):
        move_home(session)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], {}),
        (["--anomaly", "25"], {"AnomalyUsd": "25"}),
        (
            ["--monitor-arn", "arn:aws:ce::1:anomalymonitor/x"],
            {"MonitorArn": "arn:aws:ce::1:anomalymonitor/x"},
        ),
    ],
)
def test_what_is_typed_becomes_the_templates_parameters(
    costs: dict[str, Any], more: list[str], expected: dict[str, str]
) -> None:
    """All that it needs, and nothing that it does not know."""
    request = make_request(read_stage("production"), parse_arguments([*TYPED, *more]))
    assert request.name == "file-portal-production-costs"
    assert request.parameters == {
        "FunctionName": "file-portal-production", "MonthlyBudget": "50", "AlarmAddress": "ops@example.org",
    } | expected  # fmt: skip
    needed = {name for name, one in costs["Parameters"].items() if "Default" not in one}
    assert needed <= request.parameters.keys() <= costs["Parameters"].keys()


def test_another_account_gets_no_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded_aws: MiniStack
) -> None:
    (tmp_path / "pilot.toml").write_text("account = '999999999999'\nregion = 'eu-central-1'")
    for name, value in embedded_aws.root_environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", ["make", "--stage", "pilot", "--stages", str(tmp_path), *TYPED])
    with pytest.raises(SystemExit, match="belongs to the account 999999999999"):
        main()


def test_somebody_is_told_before_the_money_is_spent(costs: dict[str, Any]) -> None:
    """At 80 percent of the month's budget, and as soon as it is foreseen to be passed."""
    told = costs["Resources"]["Budget"]["Properties"]["NotificationsWithSubscribers"]
    kinds = {each["Notification"]["NotificationType"]: each["Notification"]["Threshold"] for each in told}
    assert kinds == {"ACTUAL": 80, "FORECASTED": 100}
    unusual = costs["Resources"]["CostAnomalies"]["Properties"]
    addresses = [each["Address"] for one in told for each in one["Subscribers"]]
    addresses += [each["Address"] for each in unusual["Subscribers"]]
    assert addresses == [{"Ref": "AlarmAddress"}] * 3
    expression = json.loads(unusual["ThresholdExpression"]["Fn::Sub"])
    assert expression["Dimensions"]["Values"] == ["${AnomalyUsd}"]


def test_a_deployer_may_make_a_budget() -> None:
    assert {"ce:CreateAnomalyMonitor", "ce:CreateAnomalySubscription"} <= set(list_formation_actions())
    assert any(each.startswith("budgets:") for each in list_formation_actions())


@pytest.mark.parametrize(
    ("kind", "helped"), [("AWS::CE::AnomalyMonitor", True), ("AWS::Budgets::Budget", False)]
)
def test_an_account_that_has_a_monitor_is_told_how_to_name_it(
    monkeypatch: pytest.MonkeyPatch, kind: str, helped: bool
) -> None:
    def fail(*_: object) -> bool:
        raise StackFailed(f"  One ({kind}): null")

    monkeypatch.setattr(watch_costs, "bring_stack", fail)
    with pytest.raises(StackFailed) as failed:
        watch_costs.bring_costs(boto3.Session(region_name="us-east-1"), StackRequest("costs", {}))
    assert ("--monitor-arn" in str(failed.value)) is helped
