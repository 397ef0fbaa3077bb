"""What is watched, and that whoever is woken finds what to do."""

from __future__ import annotations

import ast
import json
import logging
import re
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from infrastructure.change_sets import create_or_update_stack
from infrastructure.runtime import CHECKOUT
from infrastructure.stack import MONITORING
from portal.engine.metrics import NAMESPACE, Metric
from portal.web.edge.logging import JsonLines
from tests.infrastructure.conftest import Stack

Alarms = dict[str, dict[str, Any]]
RUNBOOK = (CHECKOUT / "docs" / "runbook.md").read_text(encoding="utf-8")


# Metrics of AWS, and the dimensions that it files them by, as its guides list them: "Monitoring REST API
# execution with Amazon CloudWatch metrics", "Types of metrics for Lambda functions", "Available CloudWatch
# metrics for Amazon SQS", "Monitoring sender reputation" (SES), "Supported CloudWatch metrics" (ACM).
AWS_METRICS = {
    ("AWS/ApiGateway", "Count"): ["ApiName"],
    ("AWS/ApiGateway", "4XXError"): ["ApiName"],
    ("AWS/ApiGateway", "5XXError"): ["ApiName"],
    ("AWS/Lambda", "Invocations"): ["FunctionName"],
    ("AWS/Lambda", "Errors"): ["FunctionName"],
    ("AWS/Lambda", "Throttles"): ["FunctionName"],
    ("AWS/Lambda", "ConcurrentExecutions"): ["FunctionName"],
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): ["QueueName"],
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): ["QueueName"],
    ("AWS/SES", "Reputation.BounceRate"): ["ses:configuration-set"],
    ("AWS/SES", "Reputation.ComplaintRate"): ["ses:configuration-set"],
    ("AWS/CertificateManager", "DaysToExpiry"): ["CertificateArn"],
}
SEARCH = re.compile(
    r"SEARCH\('\{FilePortal,service,(\w+)\} MetricName=\"(\w+)\" service=\"\$\{FunctionName\}\"'"
    r", '\w+', 300\)"
)
WORDS_OF_QUERIES = set(re.findall(r"\w+", "fields filter sort limit stats by as asc desc in and frames file"))


def find_of_type(template: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one["Properties"] for one in template["Resources"].values() if one["Type"] == kind]


@pytest.fixture(scope="module")
def monitoring() -> dict[str, Any]:
    return dict(cfn_yaml.load(str(MONITORING)))


@pytest.fixture(scope="module")
def alarms(monitoring: dict[str, Any]) -> Alarms:
    """Their properties by the last part of their names."""
    found = find_of_type(monitoring, "AWS::CloudWatch::Alarm")
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


def list_own_metrics(monitoring: dict[str, Any]) -> set[str]:
    """What the portal tells of itself, and what is counted of its log."""
    filters = find_of_type(monitoring, "AWS::Logs::MetricFilter")
    counted = [each["MetricTransformations"][0] for each in filters]
    assert all(each["MetricNamespace"] == NAMESPACE for each in counted)
    return {each.title for each in Metric} | {each["MetricName"] for each in counted}


def test_an_alarm_watches_a_metric_that_there_is(monitoring: dict[str, Any], alarms: Alarms) -> None:
    """One of the portal's, filed by its function's name, or one of AWS's, by the dimensions it has there."""
    own = list_own_metrics(monitoring)
    for name, alarm in alarms.items():
        dimensions = [each["Name"] for each in alarm.get("Dimensions", [])]
        if alarm["Namespace"] == NAMESPACE:
            assert alarm["MetricName"] in own, name
            assert alarm["Dimensions"] == [{"Name": "service", "Value": {"Ref": "FunctionName"}}], name
        elif alarm["MetricName"] == "ConcurrentExecutions":
            assert dimensions == [], "the account's, which all functions share"
        else:
            assert dimensions == AWS_METRICS[alarm["Namespace"], alarm["MetricName"]], name


def test_silence_is_a_fault_where_only_silence_tells(alarms: Alarms) -> None:
    """A schedule that does not come tells of nothing; everything else is quiet where nothing happens."""
    breaching = {name for name, alarm in alarms.items() if alarm["TreatMissingData"] == "breaching"}
    assert breaching == {"schedule-missing"}
    assert {alarm["TreatMissingData"] for alarm in alarms.values()} == {"breaching", "notBreaching"}


def test_the_dashboard_shows_every_metric_of_ours_and_no_other(monitoring: dict[str, Any]) -> None:
    (dashboard,) = find_of_type(monitoring, "AWS::CloudWatch::Dashboard")
    body = json.loads(dashboard["DashboardBody"]["Fn::Sub"])
    shown = set()
    for metric in (each for widget in body["widgets"] for each in widget["properties"]["metrics"]):
        if isinstance(metric[0], dict):
            found = SEARCH.fullmatch(metric[0]["expression"])
            assert found, metric
            by, name = found.groups()
            assert by == next(each.by for each in Metric if each.title == name)
            shown.add(name)
            continue
        namespace, name, *dimensions = [each for each in metric if isinstance(each, str)]
        if namespace == NAMESPACE:
            assert dimensions == ["service", "${FunctionName}"], name
            shown.add(name)
        else:
            assert dimensions[::2] == AWS_METRICS[namespace, name]
    assert shown == list_own_metrics(monitoring)


def test_widgets_lie_beside_each_other(monitoring: dict[str, Any]) -> None:
    """A dashboard is 24 units wide ("Dashboard body structure and syntax")."""
    (dashboard,) = find_of_type(monitoring, "AWS::CloudWatch::Dashboard")
    cells = [
        (each["x"] + x, each["y"] + y)
        for each in json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]
        for x in range(each["width"])
        for y in range(each["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_saved_queries_ask_for_what_the_log_has(monitoring: dict[str, Any]) -> None:
    """Fields that some line of the portal's has, or that Logs Insights makes."""
    known = list_log_fields() | {each.title for each in Metric} | {each.by for each in Metric}
    queries = find_of_type(monitoring, "AWS::Logs::QueryDefinition")
    assert len(queries) >= 6
    for query in queries:
        assert query["LogGroupNames"] == [{"Fn::Sub": "/aws/lambda/${FunctionName}"}]
        text = re.sub(r'"[^"]*"', "", query["QueryString"])
        made = set(re.findall(r"\bas (\w+)", text))
        asked = set(re.findall(r"(?<![\w@.])[A-Za-z_]\w*(?![\w(])", text)) - made - WORDS_OF_QUERIES
        assert asked <= known, query["Name"]


def list_log_fields() -> set[str]:
    """What the formatter writes of each line, and the names that the code gives lines of its own."""
    line = json.loads(JsonLines().format(logging.LogRecord("x", 40, "", 1, "x", (), None)))
    fields = set(line) | {"correlation_id", "function_request_id", "exception_name", "stack_trace"}
    for path in (CHECKOUT / "portal").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "extra":
                keys = [key for each in ast.walk(node) if isinstance(each, ast.Dict) for key in each.keys]
                fields |= {str(key.value) for key in keys if isinstance(key, ast.Constant)}
    return fields


@pytest.mark.requirement("R58", "R65", "R77")
def test_what_goes_wrong_in_silence_has_an_alarm(alarms: Alarms) -> None:
    assert {alarm["MetricName"] for alarm in alarms.values()} >= {
        "ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage", "Errors", "Throttles",
        "Reputation.BounceRate", "OldestDueSeconds", "MailAccountRefusals", "FilesQuarantined",
        "AuditRecordsAltered", "RatesUnknown", "5XXError", "Latency", "ConcurrentExecutions", "ErrorLines",
        "SweepLagSeconds", "MailsFailed", "Reputation.ComplaintRate", "ScansFailed", "DaysToExpiry",
    }  # fmt: skip


def test_rates_of_mail_are_the_portals_own(alarms: Alarms) -> None:
    """By its configuration set, whatever else the account sends."""
    for alarm in alarms.values():
        if alarm["Namespace"] == "AWS/SES":
            assert alarm["Dimensions"] == [
                {"Name": "ses:configuration-set", "Value": {"Ref": "MailConfiguration"}}
            ]


def test_it_can_be_made_and_brought_up_to_date(stack: Stack, monitoring: dict[str, Any]) -> None:
    """Beside a stack of the main template, as deploying does; what is not given stays as it was."""
    needed = {name for name, one in monitoring["Parameters"].items() if "Default" not in one}
    watched = {name: stack.outputs[name] for name in needed}
    name = "portal-test-monitoring"
    first = {"AlarmAddress": "ops@example.org", "SavedQueries": "off"}  # the stand-in has no saved queries
    create_or_update_stack(stack.root, name, {**watched, **first}, MONITORING)
    create_or_update_stack(
        stack.root, name, {**watched, "RunbookUrl": "https://wiki.example.org/r"}, MONITORING
    )
    found = stack.root.client("cloudwatch").describe_alarms(AlarmNamePrefix="portal-test-")["MetricAlarms"]
    assert all("https://wiki.example.org/r#" in alarm["AlarmDescription"] for alarm in found)
    topic = found[0]["AlarmActions"][0]
    (told,) = stack.root.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert told["Endpoint"] == "ops@example.org"
