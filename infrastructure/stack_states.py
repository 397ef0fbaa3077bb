"""The states of a CloudFormation stack: read, waited for, and left behind; and why a change failed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import chain
from typing import Any

import boto3
from botocore.exceptions import ClientError

# A stack in one of these states holds nothing of value: its creation failed. It can only be removed and made
# again.
STILLBORN = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}
# One that a change set announced, and that was never made.
ANNOUNCED = "REVIEW_IN_PROGRESS"
COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


def stack_status(client: Any, stack_name: str) -> str | None:
    """None when there is no such stack (CloudFormation says so with a ValidationError)."""
    try:
        (stack,) = client.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else str(stack["StackStatus"])


def exists_stack(session: boto3.Session, stack_name: str) -> bool:
    """Whether it was made; one that is only announced was not."""
    return stack_status(session.client("cloudformation"), stack_name) not in {None, ANNOUNCED}


def delete_stack(client: Any, stack_name: str) -> str:
    """Delete the stack and wait; the state it ends in, DELETE_COMPLETE where all went well."""
    client.delete_stack(StackName=stack_name)
    return wait_for_rest(client, stack_name)


def remove_failed_creation(client: Any, stack_name: str) -> None:
    """Delete what a failed creation left. What cannot be deleted is let go, so that the next can begin."""
    if delete_stack(client, stack_name) == "DELETE_FAILED":
        resources = client.describe_stack_resources(StackName=stack_name)["StackResources"]
        stuck = [each["LogicalResourceId"] for each in resources if each["ResourceStatus"] == "DELETE_FAILED"]
        client.delete_stack(StackName=stack_name, RetainResources=stuck)
        wait_for_rest(client, stack_name)


def wait_for_rest(client: Any, stack_name: str) -> str:
    """The state in which the stack comes to rest. A user pool and a table take about two minutes on AWS."""
    for _ in pauses():
        status = stack_status(client, stack_name)
        if status is None or not status.endswith("_IN_PROGRESS"):
            break
    return status or "DELETE_COMPLETE"


def pauses() -> Iterator[None]:
    """Without an end: first at once, then ever more rarely, up to every five seconds."""
    pause_seconds = 0.1
    while True:
        yield
        time.sleep(pause_seconds)
        pause_seconds = min(pause_seconds * 2, 5)


def describe_failure(client: Any, stack_name: str, status: str) -> str:
    """The failures of the last change, first cause first, without what was cancelled because of them."""
    lines = []
    pages = client.get_paginator("describe_stack_events").paginate(StackName=stack_name)
    for event in chain.from_iterable(page["StackEvents"] for page in pages):  # newest first
        reason = event.get("ResourceStatusReason", "")
        if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason:
            lines.append(f"  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
        is_stack = event["ResourceType"] == "AWS::CloudFormation::Stack"
        if is_stack and event["ResourceStatus"] in {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}:
            break
    return "\n".join([f"The stack {stack_name} is {status}:", *reversed(lines)])
