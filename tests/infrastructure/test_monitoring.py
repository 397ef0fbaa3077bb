"""What is watched, and that whoever is woken finds what to do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from infrastructure.deploy import MONITORING_PARAMETERS, WATCHED
from infrastructure.package import CHECKOUT
from infrastructure.stack import MONITORING, create_or_update_stack
from tests.infrastructure.conftest import Stack

Alarms = dict[str, dict[str, Any]]
RUNBOOK = (CHECKOUT / "docs" / "runbook.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def monitoring() -> dict[str, Any]:
    return dict(cfn_yaml.load(str(MONITORING)))


@pytest.fixture(scope="module")
def alarms(monitoring: dict[str, Any]) -> Alarms:
    """Their properties by the last part of their names."""
    found = [
        one["Properties"] for one in monitoring["Resources"].values()
        if one["Type"] == "AWS::CloudWatch::Alarm"
    ]  # fmt: skip
    return {each["AlarmName"]["Fn::Sub"].removeprefix("${FunctionName}-"): each for each in found}


def list_alarm_sections() -> list[str]:
    """The headings of the runbook's part about alarms, as links name them."""
    part = RUNBOOK.split("\n## Alarms\n")[1].split("\n## ")[0]
    return re.findall(r"^### (.+)$", part, re.MULTILINE)


@pytest.mark.requirement("R65")
def test_an_alarm_tells_somebody_and_says_what_to_do(alarms: Alarms) -> None:
    """A sentence, then a link to its section of the runbook; and no section is without its alarm."""
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == [{"Ref": "Alarms"}], name
        assert re.fullmatch(r"[A-Z].+\. \$\{RunbookUrl\}#" + name, alarm["AlarmDescription"]["Fn::Sub"])
    assert sorted(list_alarm_sections()) == sorted(alarms)


def test_each_section_says_what_it_means_how_to_look_and_what_to_do() -> None:
    part = RUNBOOK.split("\n## Alarms\n")[1].split("\n## ")[0]
    for section in part.split("\n### ")[1:]:
        named = re.findall(r"^\*\*(.+?)\*\*", section, re.MULTILINE)
        assert named == ["What it means.", "How to look.", "What to do."], section.splitlines()[0]


@pytest.mark.requirement("R58", "R65", "R77")
def test_what_goes_wrong_in_silence_has_an_alarm(alarms: Alarms) -> None:
    assert {alarm["MetricName"] for alarm in alarms.values()} >= {
        "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "Errors", "Throttles",
        "Reputation.BounceRate", "OldestDueSeconds", "MailAccountRefusals", "FilesQuarantined",
        "AuditRecordsAltered", "RatesUnknown",
    }  # fmt: skip


def test_rates_of_mail_are_the_portals_own(alarms: Alarms) -> None:
    """By its configuration set, whatever else the account sends."""
    for alarm in alarms.values():
        if alarm["Namespace"] == "AWS/SES":
            assert alarm["Dimensions"] == [
                {"Name": "ses:configuration-set", "Value": {"Ref": "MailConfiguration"}}
            ]


@pytest.mark.requirement("R46")
def test_limits_that_could_not_be_counted_become_metrics(monitoring: dict[str, Any]) -> None:
    """Pages stay open then, and the log's line about it (portal/engine/rates.py) is counted."""
    filters = [
        one["Properties"] for one in monitoring["Resources"].values()
        if one["Type"] == "AWS::Logs::MetricFilter"
    ]  # fmt: skip
    patterns = {one["MetricTransformations"][0]["MetricName"]: one["FilterPattern"] for one in filters}
    assert patterns == {
        f"Rates{outcome.capitalize()}": f'{{ $.message = "rate" && $.outcome = "{outcome}" }}'
        for outcome in ("unknown", "refused")
    }


def test_the_main_stack_tells_the_other_what_it_needs(
    template: dict[str, Any], monitoring: dict[str, Any]
) -> None:
    """What is watched is an output there and a parameter here; all other parameters can be left out."""
    parameters = monitoring["Parameters"]
    assert set(WATCHED) <= template["Outputs"].keys()
    assert {name for name, one in parameters.items() if "Default" not in one} == set(WATCHED)
    assert {parameter for parameter, _ in MONITORING_PARAMETERS.values()} == parameters.keys() - set(WATCHED)


def test_it_can_be_made_and_brought_up_to_date(stack: Stack) -> None:
    """Beside a stack of the main template, as deploying does; what is not given stays as it was."""
    watched = {name: stack.outputs[name] for name in WATCHED}
    name = "portal-test-monitoring"
    create_or_update_stack(stack.root, name, {**watched, "AlarmAddress": "ops@example.org"}, MONITORING)
    create_or_update_stack(
        stack.root, name, {**watched, "RunbookUrl": "https://wiki.example.org/r"}, MONITORING
    )
    found = stack.root.client("cloudwatch").describe_alarms(AlarmNamePrefix="portal-test-")["MetricAlarms"]
    assert all("https://wiki.example.org/r#" in alarm["AlarmDescription"] for alarm in found)
    topic = found[0]["AlarmActions"][0]
    (told,) = stack.root.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert told["Endpoint"] == "ops@example.org"
