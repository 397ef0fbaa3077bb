"""The CloudFormation stack: made, updated and read. Production, the local run and the tests all stand on it.

`infrastructure/template.yaml` holds the resources; everything here works against any endpoint that the
standard AWS configuration names (`AWS_ENDPOINT_URL`), so the local run differs from production by its
environment only.
"""

from __future__ import annotations

import time
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError

TEMPLATE = Path(__file__).with_name("template.yaml")
MONITORING = Path(__file__).with_name("monitoring.yaml")

# A stack in one of these states holds nothing of value: its creation failed. It can only be removed and made
# again.
STILLBORN = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}

# Which output of the template becomes which variable of the portal.
VARIABLES = {
    "PublicUrl": "PORTAL_PUBLIC_URL",
    "Table": "PORTAL_TABLE",
    "AuditTable": "PORTAL_AUDIT_TABLE",
    "FilesBucket": "PORTAL_FILES_BUCKET",
    "LogsBucket": "PORTAL_LOGS_BUCKET",
    "RootsBucket": "PORTAL_ROOTS_BUCKET",
    "MailFrom": "PORTAL_MAIL_FROM",
    "MailConfiguration": "PORTAL_MAIL_CONFIGURATION_SET",
    "EventsQueueArn": "PORTAL_EVENTS_QUEUE_ARN",
    "DeadLettersUrl": "PORTAL_DEAD_LETTERS_URL",
    "FeedbackTopicArn": "PORTAL_FEEDBACK_TOPIC_ARN",
    "UserPoolClient": "PORTAL_OIDC_CLIENT_ID",
    "AdminGroup": "PORTAL_ADMIN_GROUP",
}
# The same, of outputs that are only there where they say something.
OPTIONAL = {
    "SecurityContact": "PORTAL_SECURITY_CONTACT",
    "ScanFiles": "PORTAL_SCAN_REQUIRED",
    "ReportsWorkgroup": "PORTAL_REPORTS_WORKGROUP",
    "ReportsDatabase": "PORTAL_REPORTS_DATABASE",
}


class StackFailed(Exception):
    """The stack could not be made or changed; the message lists what failed and why, a line each."""


def environment_from_stack(session: boto3.Session, stack_name: str) -> dict[str, str]:
    """Every `PORTAL_*` variable that the stack decides; the secret key is not one (see `secret_key.py`)."""
    outputs = stack_outputs(session, stack_name)
    cognito = session.client("cognito-idp")
    client = cognito.describe_user_pool_client(
        UserPoolId=outputs["UserPool"], ClientId=outputs["UserPoolClient"]
    )
    return portal_environment(outputs, client["UserPoolClient"]["ClientSecret"], cognito.meta.endpoint_url)


def portal_environment(outputs: dict[str, str], client_secret: str, cognito_url: str) -> dict[str, str]:
    """The outputs as the portal's variables.

    Cognito serves a pool's metadata below the very endpoint that the SDK talks to, so one rule fits AWS and
    stand-ins. Only the sign-out page is on a host of its own in AWS, whose own names begin with the service,
    then the region: so they are known in partitions with suffixes of their own.
    """
    region = outputs["UserPool"].partition("_")[0]
    host = urlsplit(cognito_url).hostname or ""
    on_aws = host.startswith((f"cognito-idp.{region}.", f"cognito-idp-fips.{region}."))
    sign_in = f"https://{outputs['SignInDomain']}" if on_aws else cognito_url
    return {
        **{variable: outputs[output] for output, variable in VARIABLES.items()},
        **{OPTIONAL[output]: value for output, value in outputs.items() if output in OPTIONAL},
        "PORTAL_OIDC_CLIENT_SECRET": client_secret,
        "PORTAL_OIDC_METADATA_URL": f"{cognito_url}/{outputs['UserPool']}/.well-known/openid-configuration",
        "PORTAL_SIGN_OUT_URL": f"{sign_in}/logout",
    }


def stack_outputs(session: boto3.Session, stack_name: str) -> dict[str, str]:
    (stack,) = session.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def template_body(template: Path = TEMPLATE) -> str:
    """The template as it is sent: without lines that are comments, as CloudFormation takes 51,200 bytes.
    Texts of several lines stay as they are.
    """
    kept, text_indent = [], None  # how far the line is indented whose text the next lines are
    for line in template.read_text(encoding="utf-8").splitlines(keepends=True):
        indent = len(line) - len(line.lstrip(" "))
        if text_indent is not None and line.strip() and indent <= text_indent:
            text_indent = None
        if text_indent is None and (not line.strip() or line.lstrip().startswith("#")):
            continue
        if text_indent is None and line.rstrip().endswith(": |"):
            text_indent = indent
        kept.append(line)
    return "".join(kept)


def stack_parameters(session: boto3.Session, stack_name: str) -> dict[str, str]:
    return _parameters(session.client("cloudformation"), stack_name)


def create_or_update_stack(
    session: boto3.Session, stack_name: str, parameters: dict[str, str], template: Path = TEMPLATE
) -> None:
    """Bring the stack to the template and wait for it; nothing to change is fine. Raises StackFailed.

    A parameter that is not given keeps its value from last time, or the template's default. Whatever went
    wrong the last time, it can be called again.
    """
    client = session.client("cloudformation")
    exists = _make_ready(client, stack_name)
    if template == TEMPLATE:
        _bring_main_stack(session, client, stack_name, parameters, exists=exists)
    else:
        _bring(client, stack_name, parameters, template, exists=exists)


def _make_ready(client: Any, stack_name: str) -> bool:
    """Put away what a failed change left, so that another can begin; whether the stack is there."""
    status = _status(client, stack_name)
    if status in STILLBORN:
        _remove(client, stack_name)
        return False
    if status == "UPDATE_ROLLBACK_FAILED":  # nothing but this is allowed then
        client.continue_update_rollback(StackName=stack_name)
        _wait(client, stack_name)
    return status is not None


def _bring_main_stack(
    session: boto3.Session, client: Any, stack_name: str, parameters: dict[str, str], *, exists: bool
) -> None:
    """What would keep a failed creation from being undone is protected once everything stands."""
    if not exists:
        wanted = existing_resources(session, parameters) | parameters
        protected = wanted.get("Protection", "on") == "on"
        pending = {"Protection": "pending"} if protected else {}
        _bring(client, stack_name, wanted | pending, TEMPLATE, exists=False)
        if not protected:
            return
    pending_now = _parameters(client, stack_name).get("Protection") == "pending"
    _bring(
        client, stack_name, ({"Protection": "on"} if pending_now else {}) | parameters, TEMPLATE, exists=True
    )


def existing_resources(session: boto3.Session, parameters: dict[str, str]) -> dict[str, str]:
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


def _remove(client: Any, stack_name: str) -> None:
    """Delete what a failed creation left. What cannot be deleted is let go, so that the next can begin."""
    client.delete_stack(StackName=stack_name)
    if _wait(client, stack_name) == "DELETE_FAILED":
        resources = client.describe_stack_resources(StackName=stack_name)["StackResources"]
        stuck = [each["LogicalResourceId"] for each in resources if each["ResourceStatus"] == "DELETE_FAILED"]
        client.delete_stack(StackName=stack_name, RetainResources=stuck)
        _wait(client, stack_name)


def _bring(client: Any, stack_name: str, parameters: dict[str, str], template: Path, *, exists: bool) -> None:
    """One change of the stack to the template, to its end."""
    declared = _declared_parameters(client, template) if exists else set()
    known = _parameters(client, stack_name).keys() & declared if exists else set()
    request = {
        "StackName": stack_name,
        "TemplateBody": template_body(template),
        "Capabilities": ["CAPABILITY_IAM"],
        "Parameters": [
            *({"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()),
            *({"ParameterKey": key, "UsePreviousValue": True} for key in sorted(known - set(parameters))),
        ],
    }
    if _change(client, exists, request):
        final = _wait(client, stack_name)
        if final not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            raise StackFailed(_what_failed(client, stack_name, final))


def _status(client: Any, stack_name: str) -> str | None:
    """None when there is no such stack (CloudFormation says so with a ValidationError)."""
    try:
        (stack,) = client.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return None
        raise
    return None if stack["StackStatus"] == "DELETE_COMPLETE" else str(stack["StackStatus"])


def _parameters(client: Any, stack_name: str) -> dict[str, str]:
    (stack,) = client.describe_stacks(StackName=stack_name)["Stacks"]
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}


def _declared_parameters(client: Any, template: Path) -> set[str]:
    """Those that the template has: a name it has dropped would be refused."""
    summary = client.get_template_summary(TemplateBody=template_body(template))
    return {each["ParameterKey"] for each in summary["Parameters"]}


def _change(client: Any, exists: bool, request: dict[str, Any]) -> bool:
    """Start the change; False when there is nothing to change."""
    try:
        (client.update_stack if exists else client.create_stack)(**request)
    except ClientError as error:
        if "No updates are to be performed" in error.response["Error"]["Message"]:
            return False
        raise StackFailed(error.response["Error"]["Message"]) from error
    return True


def _wait(client: Any, stack_name: str) -> str:
    """The state in which the stack comes to rest. A user pool and a table take about two minutes on AWS."""
    pause_seconds = 0.1
    while True:
        status = _status(client, stack_name)
        if status is None or not status.endswith("_IN_PROGRESS"):
            return status or "DELETE_COMPLETE"
        time.sleep(pause_seconds)
        pause_seconds = min(pause_seconds * 2, 5)


def _what_failed(client: Any, stack_name: str, status: str) -> str:
    """The failures of the last change, first cause first, without what was cancelled because of them."""
    lines = []
    pages = client.get_paginator("describe_stack_events").paginate(StackName=stack_name)
    for event in chain.from_iterable(page["StackEvents"] for page in pages):  # newest first
        reason = event.get("ResourceStatusReason", "")
        if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason:
            lines.append(f"  {event['LogicalResourceId']} ({event['ResourceType']}): {reason}")
        if reason == "User Initiated" and event["ResourceType"] == "AWS::CloudFormation::Stack":
            break
    return "\n".join([f"The stack {stack_name} is {status}:", *reversed(lines)])
