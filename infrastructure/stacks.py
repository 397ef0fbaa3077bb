"""The stacks of a stage, in the order in which they are made: each may be told what those before it gave out.

A stack more is one line of STACKS. A parameter of its template that has the name of an earlier stack's output
gets that output; one that `parameters.py` has gets what was said of the stage; others keep their default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from infrastructure.adoption import adopt
from infrastructure.change_sets import Declined, Plan, StackRequest, bring_stack
from infrastructure.failures import CommandFailed
from infrastructure.stack import MONITORING, TEMPLATE, Outputs, stack_outputs
from infrastructure.stack_states import ANNOUNCED, exists_stack, stack_status
from infrastructure.stages import Stage

FOLDER = TEMPLATE.parent


@dataclass(frozen=True)
class StackOfAStage:
    """`suffix` follows the function's name in the stack's. One that is `made_for` a parameter is made where
    that is said of the stage."""

    suffix: str
    template: Path
    made_for: str = ""


DOMAIN = StackOfAStage("domain", FOLDER / "domain.yaml", made_for="DomainName")
STACKS = (
    StackOfAStage("artifacts", FOLDER / "artifacts.yaml"),
    StackOfAStage("resources", TEMPLATE),
    DOMAIN,
    StackOfAStage("monitoring", MONITORING),
    StackOfAStage("mappings", FOLDER / "mappings.yaml"),
)
MAPPINGS = STACKS[-1]  # of the function, and so made once that is there


def bring_stacks(
    session: boto3.Session, stage: Stage, given: Mapping[str, str], agree: Callable[[Plan], None]
) -> dict[str, str]:
    """Bring every stack that the function needs to its template; what all of them give out. Raises
    StackFailed and Declined.
    """
    outputs = Outputs()
    for each in list_stacks(session.client("cloudformation"), stage, given):
        if each is not MAPPINGS:
            outputs |= bring_one(session, stage, each, outputs | dict(given), agree)
    return outputs


def bring_mappings(
    session: boto3.Session, stage: Stage, offers: Mapping[str, str], agree: Callable[[Plan], None]
) -> None:
    """Have the function fetch from its queues. Raises StackFailed and Declined."""
    bring_one(session, stage, MAPPINGS, offers, agree)


def bring_one(
    session: boto3.Session, stage: Stage, each: StackOfAStage, offers: Mapping[str, str],
    agree: Callable[[Plan], None],
) -> dict[str, str]:  # fmt: skip
    """Bring one stack to its template; what it gives out."""
    request = make_request(stage, each, offers, agree)
    if each.template == TEMPLATE and stage.adopt:
        adopt_once(session, stage, request)
    if not bring_stack(session, request):
        print(f"The stack {request.name} is as it should be.")
    protect_from_deletion(session, stage, request.name)
    return stack_outputs(session, request.name)


def show_plans(
    session: boto3.Session, stage: Stage, given: Mapping[str, str], show: Callable[[Plan], None]
) -> None:
    """Show what `bring_stacks` would change, and change nothing. What a stack that is not there yet will give
    out nobody knows, so of those after it only their number of resources is shown.
    """
    outputs, waiting = dict[str, str](), False
    for each in list_stacks(session.client("cloudformation"), stage, given):
        request = make_request(stage, each, outputs | dict(given), _show_only(show))
        if waiting and not exists_stack(session, request.name):
            made = len(
                re.findall(r"^    Type: AWS::", each.template.read_text(encoding="utf-8"), re.MULTILINE)
            )
            print(f"The stack {request.name} would be made after that: up to {made} resources, all new.")
            continue
        try:
            bring_stack(session, request)
            print(f"The stack {request.name} is as it should be.")
        except Declined:
            continue
        finally:
            if exists_stack(session, request.name):
                outputs |= stack_outputs(session, request.name)
            else:
                waiting = True


def list_stacks(client: Any, stage: Stage, given: Mapping[str, str] | None = None) -> list[StackOfAStage]:
    """Those of the stage, whether or not they are there yet: all that every stage has, and of the others
    those that were asked for by now."""
    return [
        each
        for each in STACKS
        if not each.made_for
        or (given or {}).get(each.made_for)
        or stack_status(client, stage.stack(each.suffix)) is not None
    ]


def adopt_once(session: boto3.Session, stage: Stage, request: StackRequest) -> None:
    """What the stage's file says under [adopt] counts for a stack that is not there yet."""
    status = stack_status(session.client("cloudformation"), request.name)
    if status == "IMPORT_ROLLBACK_COMPLETE":
        # Going on from here would make empty tables and buckets instead.
        raise CommandFailed(
            f"What outlived could not be taken in the last time, and the stack {request.name} holds nothing."
            " Delete it in the CloudFormation console and repeat the command."
        )
    if status in {None, ANNOUNCED}:
        adopt(session, request, stage.adopt)


def make_request(
    stage: Stage, each: StackOfAStage, offers: Mapping[str, str], agree: Callable[[Plan], None]
) -> StackRequest:
    """The first stack is the one with the bucket, so its own template is sent with the request."""
    return StackRequest(
        stage.stack(each.suffix),
        {},
        each.template,
        dict(offers) | {"FunctionName": stage.function},
        stage.tags,
        offers.get("PackagesBucket", ""),
        stage.cloudformation_role,
        agree,
    )


def protect_from_deletion(session: boto3.Session, stage: Stage, stack_name: str) -> None:
    client = session.client("cloudformation")
    (stack,) = client.describe_stacks(StackName=stack_name)["Stacks"]
    if stack.get("EnableTerminationProtection", False) != stage.termination_protection:
        client.update_termination_protection(
            StackName=stack_name, EnableTerminationProtection=stage.termination_protection
        )


def _show_only(show: Callable[[Plan], None]) -> Callable[[Plan], None]:
    def refuse(plan: Plan) -> None:
        show(plan)
        raise Declined("Only shown.")

    return refuse
