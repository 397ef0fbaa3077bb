"""A stack's template as it is sent, and a stack read: its outputs, and the portal's environment made of them.

Everything here works against any endpoint that the standard AWS configuration names (`AWS_ENDPOINT_URL`), so
the local run differs from production by its environment only. `change_sets.py` makes and updates stacks.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import boto3

from infrastructure.failures import CommandFailed

TEMPLATE = Path(__file__).with_name("template.yaml")
MONITORING = Path(__file__).with_name("monitoring.yaml")

API_HOST = ".execute-api."  # in API Gateway's own hosts, of every region and partition

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
    "WorkQueueArn": "PORTAL_WORK_QUEUE_ARN",
    "WorkQueueUrl": "PORTAL_WORK_QUEUE_URL",
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


class StackFailed(CommandFailed):
    """The stack could not be made or changed; the message lists what failed and why, a line each."""


class Outputs(dict[str, str]):
    """What stacks give out. Raises CommandFailed for what they do not, as one that was never finished."""

    def __missing__(self, name: str) -> str:
        raise CommandFailed(f"No stack of the stage gives out {name}: make deploy finishes them.")


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


def stack_outputs(session: boto3.Session, stack_name: str) -> Outputs:
    (stack,) = session.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    return Outputs({each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])})


def template_body(template: Path = TEMPLATE) -> str:
    """The template as it is sent: without lines that are comments. Texts of several lines stay as they are.

    In a request CloudFormation takes 51,200 bytes, from a bucket 1 MB.
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
    (stack,) = session.client("cloudformation").describe_stacks(StackName=stack_name)["Stacks"]
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}
