"""docs/privacy.md leaves out nothing that is kept, and its times are those of the code and the template."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from infrastructure.stack import TEMPLATE
from portal.aws.tables import (
    account_problems,
    announcements,
    audit_log,
    codes_table,
    known_addresses_table,
    mail_counts,
    notifications,
    share_changes,
    suppressed_table,
    usage_table,
)
from portal.domain import written_files
from portal.domain.people import access_tokens
from portal.domain.shares import drafts
from portal.domain.usage import reports
from portal.domain.webhooks import deliveries
from portal.web.identity import kept_forms
from tools.list_tests import CHECKOUT

DOCS = CHECKOUT / "docs"
PRIVACY = (DOCS / "privacy.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PRIVACY.split("## Elsewhere")[0].splitlines()
    if line.startswith("| ") and "`" in line
]
# What ends by itself: an item, and the constant that says when.
TIMES: list[tuple[str, timedelta]] = [
    ("access_token_key", access_tokens.KEPT_AFTERWARDS),
    ("announcement_key", announcements.ANNOUNCED),
    ("delivery_key", deliveries.KEPT),
    ("draft_key", drafts.LIFETIME),
    ("known_address_key", timedelta(days=known_addresses_table.KEPT_DAYS)),
    ("mail_count_key", timedelta(days=mail_counts.KEPT_DAYS)),
    ("code_key", codes_table.KEEP_CODES_FOR),
    ("resends_key", timedelta(days=share_changes.COUNTER_DAYS)),
    ("kept_form_key", kept_forms.KEPT_FOR),
    ("notification_key", timedelta(days=notifications.MESSAGE_DAYS)),
    ("soft_bounces_key", timedelta(days=suppressed_table.SOFT_DAYS)),
    ("audit_once_key", timedelta(days=audit_log.ONCE_DAYS)),
    ("subject_usage_key", timedelta(days=usage_table.KEPT_DAYS)),
    ("data_export_key", timedelta(days=written_files.KEPT_DAYS)),
    ("report_key", timedelta(days=reports.KEPT_DAYS)),
    ("account_problem_key", account_problems.KEEP_PROBLEMS_FOR),
]


def list_names(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text)


def test_each_kind_of_item_is_in_it_once() -> None:
    """Those of docs/data-model.md, which another test holds against the code."""
    model = (DOCS / "data-model.md").read_text(encoding="utf-8").split("## Indexes")[0]
    kinds = re.findall(r"^\|.*\| `(\w+)` \|$", model, re.MULTILINE)
    assert len(kinds) > 50
    assert sorted(name for row in ROWS for name in list_names(row[-1])) == sorted(kinds)


def test_each_says_about_whom_why_and_for_how_long() -> None:
    for row in ROWS:
        assert len(row) == 5, row
        assert all(row), row
        assert set(row[1].split(", ")) <= {"staff", "recipients", "everyone", "nobody", "nobody alone"}, row


@pytest.mark.parametrize(("item", "time"), TIMES, ids=[item for item, _ in TIMES])
def test_times_are_those_of_the_code(item: str, time: timedelta) -> None:
    (row,) = [row for row in ROWS if item in list_names(row[-1])]
    hours = int(time.total_seconds() // 3600)
    amount = hours // 24 if hours % 24 == 0 else hours
    assert re.search(rf"\b{amount}\b", row[3]), f"{item} is kept for {time}, and not {row[3]}"


def test_times_of_buckets_and_logs_are_those_of_the_template() -> None:
    template = cfn_yaml.load(str(TEMPLATE))
    resources: Any = template["Resources"]
    rules = resources["LogsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    days = {
        rule.get("Prefix", "access/"): rule["ExpirationInDays"]
        for rule in rules
        if "ExpirationInDays" in rule
    }
    for prefix, kept in days.items():
        (line,) = [each for each in PRIVACY.splitlines() if f"`{prefix}`" in each]
        assert f"{kept} days" in line
    assert f"| {resources['FunctionLogs']['Properties']['RetentionInDays']} days |" in PRIVACY
    assert f"{template['Parameters']['RootsLockDays']['Default']} days, locked" in PRIVACY
