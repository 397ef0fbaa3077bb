"""A CloudFormation stack is brought to its template by a change set: made, shown to who decides, executed.

A change set says beforehand what would be added, changed, replaced and removed, and one without changes is
how a second run knows that there is nothing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infrastructure.failures import CommandFailed
from infrastructure.stack import TEMPLATE, StackFailed, stack_parameters, template_body
from infrastructure.stack_states import (
    ANNOUNCED,
    COMPLETE,
    STILLBORN,
    describe_failure,
    pauses,
    remove_failed_creation,
    stack_status,
    wait_for_rest,
)

LARGEST_IN_A_REQUEST = 51_200  # bytes of a template ("Understand CloudFormation quotas")
HALF_UNDONE = "what a change that failed did not undo"
LEFT_OVER = "what a creation that failed left behind"
Values = list[dict[str, Any]]  # parameters, as CloudFormation's calls take them
CHANGES_NOTHING = ("didn't contain changes", "No updates are to be performed")


class Declined(CommandFailed):
    """Whoever decides did not want the changes; nothing was changed."""


@dataclass(frozen=True)
class ResourceChange:
    """One line of a change set. `action` is Add, Modify, Remove, Import or Dynamic; `replacement` is True,
    False or Conditional, as CloudFormation writes them, or empty."""

    action: str
    resource: str
    kind: str
    replacement: str = ""


@dataclass(frozen=True)
class Plan:
    """What a change set would do to a stack. Without a line it changes outputs or tags alone."""

    stack: str
    is_new: bool
    changes: tuple[ResourceChange, ...]


@dataclass(frozen=True)
class StackRequest:
    """What a stack is to become. `parameters` that are not given keep their value, or take the default.
    `offers` are parameters for a template that has them, and nothing to one that has not.

    `bucket` takes the template where it is too large for a request; `role_arn` is the role CloudFormation
    acts under; `agree` is shown every plan that changes something, and raises Declined to stop it.
    """

    name: str
    parameters: Mapping[str, str]
    template: Path = TEMPLATE
    offers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    bucket: str = ""
    role_arn: str = ""
    agree: Callable[[Plan], None] = lambda plan: None


def create_or_update_stack(
    session: boto3.Session, stack_name: str, parameters: Mapping[str, str], template: Path = TEMPLATE
) -> None:
    """A stack without asking anybody."""
    bring_stack(session, StackRequest(stack_name, parameters, template))


def bring_stack(session: boto3.Session, request: StackRequest) -> bool:
    """Bring the stack to the template and wait for it; False where nothing had to change.

    Raises StackFailed, and Declined where `agree` does. Whatever went wrong the last time, it can be called
    again.
    """
    client = session.client("cloudformation")
    source = _template_source(session, request)
    declared = _declared_parameters(client, source)
    offered = _declared_only(request.offers, declared)
    request = replace(request, parameters=offered | dict(request.parameters))
    status = stack_status(client, request.name)
    if status in STILLBORN:
        request.agree(Plan(request.name, False, (ResourceChange("Remove", request.name, LEFT_OVER),)))
        remove_failed_creation(client, request.name)
        status = None
    if status in {None, ANNOUNCED}:
        return _create(session, request, source, declared)
    if status == "UPDATE_ROLLBACK_FAILED":  # nothing but this is allowed then
        request.agree(Plan(request.name, False, (ResourceChange("Modify", request.name, HALF_UNDONE),)))
        client.continue_update_rollback(StackName=request.name)
        wait_for_rest(client, request.name)
    known = stack_parameters(session, request.name)
    # A stack of imported resources alone has no parameters yet.
    found = {} if known else _declared_only(existing_resources(session, request.parameters), declared)
    given = found | _ending_protection(known) | dict(request.parameters)
    kept = known.keys() & declared - given.keys()
    return _change(client, request, source, _values(given, kept), is_new=False)


def existing_resources(session: boto3.Session, parameters: Mapping[str, str]) -> dict[str, str]:
    """Parameters for a new stack where something of a name that it would use is there already, from a stack
    that was removed or from the account's owner: it is adopted, since it cannot be made twice.
    """
    found: dict[str, str] = {}
    if "FunctionName" in parameters:
        name = f"/aws/lambda/{parameters['FunctionName']}"
        groups = session.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        if any(group["logGroupName"] == name for group in groups):
            found["FunctionLogGroup"] = "adopt"
    if "MailFrom" in parameters:
        mails = session.client("sesv2")
        with suppress(mails.exceptions.NotFoundException):
            mails.get_email_identity(EmailIdentity=parameters["MailFrom"])
            found["MailIdentity"] = parameters["MailFrom"]
    return found


def _create(
    session: boto3.Session, request: StackRequest, source: dict[str, str], declared: set[str]
) -> bool:
    """A creation that fails is undone, so nothing is protected from deletion before everything stands."""
    client = session.client("cloudformation")
    found = _declared_only(existing_resources(session, request.parameters), declared)
    wanted = found | dict(request.parameters)
    protected = "Protection" in declared and wanted.get("Protection", "on") == "on"
    first = wanted | ({"Protection": "pending"} if protected else {})
    _change(client, request, source, _values(first, set()), is_new=True)
    if protected:
        agreed = replace(request, agree=lambda plan: None)
        values = _values({"Protection": "on"}, declared - {"Protection"})
        _change(client, agreed, source, values, is_new=False)
    return True


def _declared_only(parameters: Mapping[str, str], declared: set[str]) -> dict[str, str]:
    return {key: value for key, value in parameters.items() if key in declared}


def _ending_protection(known: Mapping[str, str]) -> dict[str, str]:
    """A creation that ended between its two halves is protected now."""
    return {"Protection": "on"} if known.get("Protection") == "pending" else {}


def _values(given: Mapping[str, str], kept: set[str]) -> Values:
    return [
        *({"ParameterKey": key, "ParameterValue": value} for key, value in given.items()),
        *({"ParameterKey": key, "UsePreviousValue": True} for key in sorted(kept)),
    ]


def _template_source(session: boto3.Session, request: StackRequest) -> dict[str, str]:
    """By S3's own endpoint, so that the address fits every region and partition; CloudFormation reads it with
    the rights of whoever calls."""
    body = template_body(request.template)
    if not request.bucket or len(body.encode()) <= LARGEST_IN_A_REQUEST:
        return {"TemplateBody": body}
    s3 = session.client("s3")
    s3.put_object(Bucket=request.bucket, Key=request.template.name, Body=body.encode())
    return {"TemplateURL": f"{s3.meta.endpoint_url}/{request.bucket}/{request.template.name}"}


def _declared_parameters(client: Any, source: dict[str, str]) -> set[str]:
    """Those that the template has: a name it has dropped would be refused."""
    return {each["ParameterKey"] for each in client.get_template_summary(**source)["Parameters"]}


def _change(
    client: Any, request: StackRequest, source: dict[str, str], values: Values, *, is_new: bool
) -> bool:
    """One change of the stack to the template, to its end; False where nothing had to change."""
    call = {
        "StackName": request.name,
        **source,
        "Capabilities": ["CAPABILITY_IAM"],
        "Parameters": values,
        **({"RoleARN": request.role_arn} if request.role_arn else {}),
        **({"Tags": _tags(request.tags)} if request.tags else {}),
    }
    try:
        if not (
            execute_change_set(client, request, call, "CREATE" if is_new else "UPDATE")
            or _update_outputs(client, request, call)
        ):
            return False
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            raise StackFailed(error.response["Error"]["Message"]) from error
        raise
    final = wait_for_rest(client, request.name)
    if final not in COMPLETE:
        raise StackFailed(describe_failure(client, request.name, final))
    return True


def execute_change_set(client: Any, request: StackRequest, call: dict[str, Any], kind: str) -> bool:
    """Begin what a change set says, once that is agreed to; False where it says nothing. `kind` is CREATE,
    UPDATE or IMPORT."""
    is_new = kind != "UPDATE"
    change_set = {"StackName": request.name, "ChangeSetName": f"deploy-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"}
    client.create_change_set(**call | change_set, ChangeSetType=kind)
    try:
        changes = _read_change_set(client, change_set)
        if changes is not None:
            request.agree(Plan(request.name, is_new, changes))
    except (Declined, StackFailed):
        _discard(client, change_set, is_new)
        raise
    if changes is None:
        _discard(client, change_set, is_new)
        return False
    client.execute_change_set(**change_set)
    return True


def _update_outputs(client: Any, request: StackRequest, call: dict[str, Any]) -> bool:
    """Begin to change what no change set lists: outputs, where parameters or the template are others."""
    (stack,) = client.describe_stacks(StackName=request.name)["Stacks"]
    known = {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}
    sent = client.get_template(StackName=request.name)["TemplateBody"]
    values = [each for each in call["Parameters"] if "ParameterValue" in each]
    if sent == template_body(request.template) and all(
        known.get(each["ParameterKey"]) == each["ParameterValue"] for each in values
    ):
        return False
    request.agree(Plan(request.name, False, ()))
    try:
        client.update_stack(**call)
    except ClientError as error:
        if any(each in error.response["Error"]["Message"] for each in CHANGES_NOTHING):
            return False
        raise
    return True


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _read_change_set(client: Any, change_set: dict[str, str]) -> tuple[ResourceChange, ...] | None:
    """What it would do, once CloudFormation has worked that out; None where it would change nothing."""
    for _ in pauses():
        found = client.describe_change_set(**change_set)
        if found["Status"] == "FAILED":
            reason = found.get("StatusReason", "")
            if any(each in reason for each in CHANGES_NOTHING):
                return None
            raise StackFailed(f"CloudFormation cannot change the stack {change_set['StackName']}: {reason}")
        if found["Status"] == "CREATE_COMPLETE":
            break
    pages = client.get_paginator("describe_change_set").paginate(**change_set)
    lines = [each["ResourceChange"] for page in pages for each in page["Changes"]]
    return tuple(
        ResourceChange(
            each["Action"], each["LogicalResourceId"], each["ResourceType"], each.get("Replacement", "")
        )
        for each in lines
    )


def _discard(client: Any, change_set: dict[str, str], is_new: bool) -> None:
    """A stack that was only announced goes with the change set that announced it."""
    client.delete_change_set(**change_set)
    if is_new and stack_status(client, change_set["StackName"]) == ANNOUNCED:
        client.delete_stack(StackName=change_set["StackName"])
