"""What the template makes for reports on the access log: a table that reads what the portal's own reader
reads, a workgroup with a bound, and no more rights than a query needs.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.stack import OPTIONAL, template_body
from portal.aws.s3.report_results import PREFIX
from portal.domain.links.access_log_lines import LogLine, parse_line
from portal.domain.usage.reports import KEPT_DAYS, LOG_DAYS, TABLE, name_partition
from portal.local.athena import COLUMNS, list_cells
from tests.domain.links.test_access_log_lines import EXAMPLE, write_line
from tests.infrastructure.test_template import flat

Resources = dict[str, Any]
PARTITION, REGION, ACCOUNT = "aws-cn", "cn-north-1", "111122223333"


@pytest.fixture(scope="module")
def table(resources: Resources) -> dict[str, Any]:
    return dict(resources["AccessLogTable"]["Properties"]["TableInput"])


@pytest.fixture(scope="module")
def pattern(table: dict[str, Any]) -> re.Pattern[str]:
    """As the SerDe compiles it; what it uses means the same in Python."""
    serde = table["StorageDescriptor"]["SerdeInfo"]
    assert serde["SerializationLibrary"] == "org.apache.hadoop.hive.serde2.RegexSerDe"
    return re.compile(serde["Parameters"]["input.regex"], re.DOTALL)


def read(pattern: re.Pattern[str], line: str) -> tuple[str, ...] | None:
    found = pattern.fullmatch(line)
    return tuple(each or "-" for each in found.groups()) if found else None


def expect(line: str) -> tuple[str | None, ...]:
    """The same line as the portal's reader has it, without its day, which is the partition."""
    known = parse_line(line)
    assert isinstance(known, LogLine)
    return list_cells(known)[:-1]


def test_the_table_has_a_column_for_each_field(table: dict[str, Any], pattern: re.Pattern[str]) -> None:
    names = [each["Name"] for each in table["StorageDescriptor"]["Columns"]]
    assert (*names, "day") == COLUMNS
    assert pattern.groups == len(names)
    assert table["Name"] == TABLE
    assert {each["Type"] for each in table["StorageDescriptor"]["Columns"]} == {"string"}


def test_the_documented_example_is_read_field_by_field(pattern: re.Pattern[str]) -> None:
    assert read(pattern, EXAMPLE) == expect(EXAMPLE)
    assert read(pattern, f"{EXAMPLE} a-field-of-tomorrow 7\n") == expect(EXAMPLE)
    assert read(pattern, EXAMPLE.rpartition(" arn:")[0]) == expect(EXAMPLE.rpartition(" arn:")[0])
    assert read(pattern, EXAMPLE[:200]) is None


HOSTILE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40) | st.sampled_from(
    ['" "', '"', '" 200 - 1 1 1 1 "-" "', "-", "", " ", 'x" - - - - - - - - "y', "\u2028", "\x85"]
)


@given(HOSTILE, HOSTILE, st.integers(0, 10**15))
def test_whatever_a_client_sends_moves_no_field(
    pattern: re.Pattern[str], name: str, agent: str, sent: int
) -> None:
    line = write_line(name, agent, sent=str(sent))
    assert read(pattern, line) == expect(line)


def test_days_are_projected_where_s3_puts_its_logs(resources: Resources, table: dict[str, Any]) -> None:
    """No crawler and no partition to be added; the range is what the bucket keeps."""
    logging = resources["FilesBucket"]["Properties"]["LoggingConfiguration"]
    assert logging["TargetObjectKeyFormat"] == {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}}
    asked = table["Parameters"]
    place = asked["storage.location.template"]["Fn::Sub"]
    values = {"LogsBucket": "logs", "FilesBucket": "files", "AWS::AccountId": ACCOUNT, "AWS::Region": REGION}
    for name, value in values.items():
        place = place.replace(f"${{{name}}}", value)
    written = place.replace("${!day}", name_partition(date(2026, 3, 27)))
    assert written == f"s3://logs/{logging['LogFilePrefix']}{ACCOUNT}/{REGION}/files/2026/03/27"
    assert asked["projection.enabled"] == "true"
    assert asked["projection.day.format"] == "yyyy/MM/dd"
    assert asked["projection.day.range"].startswith(f"NOW-{LOG_DAYS}DAYS,")
    assert [each["Name"] for each in table["PartitionKeys"]] == ["day"]
    assert not [each for each in resources.values() if each["Type"] == "AWS::Glue::Crawler"]


def test_the_workgroup_bounds_every_query(template: dict[str, Any], resources: Resources) -> None:
    settings = resources["ReportsWorkgroup"]["Properties"]["WorkGroupConfiguration"]
    assert settings["EnforceWorkGroupConfiguration"] is True
    assert settings["BytesScannedCutoffPerQuery"] == {"Ref": "ReportBytes"}
    assert template["Parameters"]["ReportBytes"]["MinValue"] >= 10 * 1024**2  # Athena's own least
    result = settings["ResultConfiguration"]
    assert result["OutputLocation"] == {"Fn::Sub": f"s3://${{LogsBucket}}/{PREFIX}"}
    assert result["EncryptionConfiguration"] == {"EncryptionOption": "SSE_S3"}


def test_results_go_with_their_reports(resources: Resources) -> None:
    rules = resources["LogsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    kept = {each["Prefix"]: each["ExpirationInDays"] for each in rules if "Prefix" in each}
    assert kept[PREFIX] == KEPT_DAYS
    # A result is no log: the bucket tells the portal of the latter alone.
    (told,) = resources["LogsBucket"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
    (rule,) = told["Filter"]["S3Key"]["Rules"]
    assert not PREFIX.startswith(rule["Value"])


def test_the_role_may_query_one_table_in_one_workgroup(resources: Resources) -> None:
    """In whatever partition, and nothing of it where there are no reports."""
    policy = resources["ReportsPolicy"]["Properties"]
    assert policy["Roles"] == [{"Ref": "FunctionRole"}]
    rights = {
        each["Sid"]: (set(flat(each["Action"])), str(each["Resource"]))
        for each in policy["PolicyDocument"]["Statement"]
    }
    own = {"Queries", "TableOfTheAccessLog", "Results", "ListLogsAndResults", "WhereResultsGo"}
    assert rights.keys() == own
    assert not any("*" in action for actions, _ in rights.values() for action in actions)
    assert "workgroup/${ReportsWorkgroup}" in rights["Queries"][1]
    assert "table/${ReportsDatabase}/${AccessLogTable}" in rights["TableOfTheAccessLog"][1]
    assert rights["TableOfTheAccessLog"][0] == {"glue:GetDatabase", "glue:GetTable"}
    for sid in own & {"Queries", "TableOfTheAccessLog"}:
        assert "arn:aws:" not in rights[sid][1], "a partition by name"
    assert not any(each.startswith("s3:Delete") for sid in own for each in rights[sid][0])


def test_the_template_is_no_larger_than_cloudformation_takes(template: dict[str, Any]) -> None:
    """As it is sent: without comments, and the same otherwise."""
    sent = template_body()
    assert len(sent.encode()) <= 51_200
    assert cfn_yaml.loads(sent) == template


def test_all_of_it_can_be_left_out(template: dict[str, Any]) -> None:
    made = {name for name, each in template["Resources"].items() if each.get("Condition") == "MakesReports"}
    assert made == {"ReportsDatabase", "AccessLogTable", "ReportsWorkgroup", "ReportsPolicy"}
    for name in ("ReportsWorkgroup", "ReportsDatabase"):
        assert template["Outputs"][name]["Condition"] == "MakesReports"
        assert OPTIONAL[name].startswith("PORTAL_REPORTS_")
