"""What a stage cost in the last full month and costs since: `make cost`, by AWS's own bill.

It counts what has the stage's tag, from the day on that the tag is a cost allocation tag: AWS bills by no
others, and not backwards. What the account has in common, as free amounts, is in it as AWS puts it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from infrastructure.commands import make_parser, open_stage
from infrastructure.consent import format_table
from infrastructure.failures import end_with_a_sentence
from infrastructure.stages import STAGE_TAG

NOTHING = """AWS's bill names nothing with the tag {tag} = {stage} from {start} to {end}.
Make it a cost allocation tag once (Billing console, 'Cost allocation tags'); the bill says it a day later.
Until then /admin/usage estimates storage, traffic and emails from what was counted."""


def main() -> None:
    parser = make_parser("cost", __doc__)
    options = parser.parse_args()
    with end_with_a_sentence():
        session, stage = open_stage(options)
        start, end = choose_days(datetime.now(UTC).date())
        costs = read_costs(session.client("ce"), stage.name, start, end)
        if not costs:
            print(NOTHING.format(tag=STAGE_TAG, stage=stage.name, start=start, end=end))
        for month, services in costs.items():
            print(f"{month}\n{format_costs(services)}\n")


def choose_days(today: date) -> tuple[date, date]:
    """From the first of last month until tomorrow, which Cost Explorer leaves out."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1), today + timedelta(days=1)


def read_costs(explorer: Any, stage: str, start: date, end: date) -> dict[str, dict[str, Decimal]]:
    """What each service cost in each month, in USD; months without cost are left out."""
    months: dict[str, dict[str, Decimal]] = {}
    for found in _pages(explorer, stage, start, end):
        for group in found["Groups"]:
            amount = Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
            if amount:
                months.setdefault(found["TimePeriod"]["Start"][:7], {})[group["Keys"][0]] = amount
    return months


def format_costs(services: dict[str, Decimal]) -> str:
    """The dearest first, and the sum. Taxes are not in it."""
    rows = [(name, f"{amount:.2f}") for name, amount in sorted(services.items(), key=lambda each: -each[1])]
    return format_table(("service", "USD"), [*rows, ("together", f"{sum(services.values()):.2f}")])


def _pages(explorer: Any, stage: str, start: date, end: date) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {
        "TimePeriod": {"Start": start.isoformat(), "End": end.isoformat()},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        "Filter": {"Tags": {"Key": STAGE_TAG, "Values": [stage]}},
    }
    while True:
        answer = explorer.get_cost_and_usage(**asked)
        yield from answer["ResultsByTime"]
        if not answer.get("NextPageToken"):
            return
        asked["NextPageToken"] = answer["NextPageToken"]


if __name__ == "__main__":
    main()
