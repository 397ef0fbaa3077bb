"""Have somebody told when the account costs more than expected: `make budget AMOUNT=50 ALARM=ops@x.org`.

A budget and the detection of unusual costs are the account's, in the partition's one region that has the
bills, so they are a stack of their own (`...-costs`) there.
"""

from __future__ import annotations

import argparse

import boto3

from infrastructure.change_sets import StackRequest, bring_stack
from infrastructure.commands import make_parser, open_stage
from infrastructure.consent import ask_before
from infrastructure.failures import CommandFailed, end_with_a_sentence
from infrastructure.stack import TEMPLATE, StackFailed
from infrastructure.stages import Stage

COSTS = TEMPLATE.with_name("costs.yaml")
# Where a partition has its bills, and CloudFormation the types of resources for them.
HOMES = {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-eusc": "eusc-de-east-1"}

ONE_MONITOR = """An account has one monitor of AWS services. Where it has one already, name it:
aws ce get-anomaly-monitors lists its ARN, and make budget takes it as ARGS="--monitor-arn ARN"."""


def main() -> None:
    options = parse_arguments()
    with end_with_a_sentence():
        session, stage = open_stage(options)
        request = make_request(stage, options)
        bring_costs(move_home(session), request)


def bring_costs(session: boto3.Session, request: StackRequest) -> None:
    """Raises StackFailed, where the account has a monitor already with how to name it."""
    try:
        if not bring_stack(session, request):
            print(f"The stack {request.name} is as it should be.")
    except StackFailed as error:
        if "AWS::CE::AnomalyMonitor" in str(error):
            raise StackFailed(f"{error}\n{ONE_MONITOR}") from error
        raise


def parse_arguments(typed: list[str] | None = None) -> argparse.Namespace:
    parser = make_parser("budget", __doc__)
    parser.add_argument("--amount", type=int, required=True, help="USD a month; told at 80 percent of it")
    parser.add_argument("--alarm", required=True, help="who is told, by email")
    parser.add_argument("--anomaly", type=int, help="USD from which an unusual cost is told (10)")
    parser.add_argument("--monitor-arn", help="the account's monitor of AWS services, if it has one already")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser.parse_args(typed)


def make_request(stage: Stage, options: argparse.Namespace) -> StackRequest:
    given = {
        "FunctionName": stage.function,
        "MonthlyBudget": str(options.amount),
        "AlarmAddress": options.alarm,
        "AnomalyUsd": str(options.anomaly or ""),
        "MonitorArn": options.monitor_arn or "",
    }
    return StackRequest(
        stage.stack("costs"),
        {name: value for name, value in given.items() if value},
        COSTS,
        tags=stage.tags,
        role_arn=stage.cloudformation_role,
        agree=ask_before(yes=options.yes),
    )


def move_home(session: boto3.Session) -> boto3.Session:
    """The same credentials in the region with the bills. Raises CommandFailed where a partition has none."""
    partition = session.get_partition_for_region(str(session.region_name))
    if partition not in HOMES:
        raise CommandFailed(
            f"CloudFormation has no budgets in {session.region_name}: set one in the billing console of the"
            " account that pays for it."
        )
    found = session.get_credentials()
    if found is None:
        raise CommandFailed("There are no credentials. Set AWS_PROFILE, or sign in with aws sso login.")
    keys = found.get_frozen_credentials()
    return boto3.Session(keys.access_key, keys.secret_key, keys.token, region_name=HOMES[partition])


if __name__ == "__main__":
    main()
