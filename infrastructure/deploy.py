"""Make or update everything the portal stands on, then say how to deploy the function: run with `--help`.

The stack comes from `template.yaml`. What Zappa needs to know of it goes to
build/zappa_settings.<stage>.json: the role, the queue, the bucket for packages and the function's
environment, secrets included, so only its owner may read the file.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infrastructure.package import BUILD, CHECKOUT, PYTHON
from infrastructure.secret_key import Use, secret_key_variables
from infrastructure.stack import (
    MONITORING,
    StackFailed,
    create_or_update_stack,
    environment_from_stack,
    portal_environment,
    stack_outputs,
)

__all__ = [
    "StackFailed",
    "create_or_update_stack",
    "environment_from_stack",
    "portal_environment",
    "stack_outputs",
    "zappa_settings",
]

PARAMETERS = {
    "public_url": ("PublicUrl", "where people open the portal, such as https://files.example.org"),
    "mail_from": ("MailFrom", "the address that mails come from"),
    "mail_identity": ("MailIdentity", "a mail identity the account already has, such as example.org"),
    "mail_sandbox": ("MailSandbox", "on while the account is in the SES sandbox (off)"),
    "admin_group": ("AdminGroup", "the group whose members are admins (admins)"),
    "totp": ("Totp", "optional or required (optional)"),
    "self_sign_up_domains": (
        "SelfSignUpDomains",
        "mail domains whose people may sign up (by invitation only)",
    ),
    "protection": ("Protection", "deletion protection of table and user pool, on or off (on)"),
    "object_lock": ("ObjectLock", "on has S3 lock what is on legal hold; never off again (off)"),
    "security_contact": (
        "SecurityContact",
        "who is told of holes in this portal, an address or a page (nobody)",
    ),
    "scan_files": ("ScanFiles", "on has GuardDuty scan files, and gives out none before it is clean (off)"),
    "reports": ("Reports", "off where the region has no Athena to query the access log with (on)"),
    "report_bytes": ("ReportBytes", "how many bytes of the access log one report may read (10737418240)"),
}
# Those of the stack that watches it.
MONITORING_PARAMETERS = {
    "alarm_address": ("AlarmAddress", "who hears of alarms by mail (nobody)"),
    "certificate_arn": ("CertificateArn", "your domain's certificate, to be told before it ends (none)"),
    "concurrent_calls": ("ConcurrentCalls", "from how many calls at once on to be told (800)"),
    "saved_queries": ("SavedQueries", "off saves no queries of the log in the console (on)"),
    "runbook_url": (
        "RunbookUrl",
        "where your copy of the runbook is, which alarms link to (docs/runbook.md)",
    ),
}
# Outputs of the main stack that the other is told.
WATCHED = ("FunctionName", "EventsQueueName", "DeadLettersName", "MailConfiguration")
# Deploying against other implementations of AWS: the function must find them too.
ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")


def main() -> None:
    options = arguments()
    # Lambda and other SDKs say AWS_REGION; boto3 itself reads AWS_DEFAULT_REGION and the profile.
    session = boto3.Session(region_name=os.environ.get("AWS_REGION"))
    if not session.region_name:
        sys.exit("Which region? Set AWS_REGION, or region in your AWS profile.")
    try:
        deploy(session, options)
    except (StackFailed, ClientError, BotoCoreError) as error:
        sys.exit(str(error))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m infrastructure.deploy",
        description="Make or update the portal's AWS resources. What is not given stays as it was.",
    )
    parser.add_argument("--stage", default="production", help="a stage of zappa_settings.json (production)")
    parser.add_argument("--build", type=Path, default=BUILD, help="the folder for Zappa's settings (build)")
    parser.add_argument(
        "--rotate-secret-key", action="store_true", help="make a new key; links that are out still open"
    )
    for name, (_, text) in (PARAMETERS | MONITORING_PARAMETERS).items():
        parser.add_argument(f"--{name.replace('_', '-')}", help=text)
    return parser.parse_args()


def deploy(session: boto3.Session, options: argparse.Namespace) -> None:
    settings = stage_settings(options.stage)
    function = f"{settings['project_name']}-{options.stage}"
    stack = f"{function}-resources"  # Zappa names its own stack, of the API, like the function
    print(
        f"Bringing the stack {stack} in {session.region_name} to the template; the first time takes minutes."
    )
    create_or_update_stack(session, stack, {"FunctionName": function, **given(options, PARAMETERS)})
    outputs = stack_outputs(session, stack)
    watched = {name: outputs[name] for name in WATCHED}
    create_or_update_stack(
        session, f"{function}-monitoring", {**watched, **given(options, MONITORING_PARAMETERS)}, MONITORING
    )
    environment = {
        **environment_from_stack(session, stack),
        **secret_key_variables(session, function, options.rotate_secret_key, key_use(settings, outputs)),
        **{name: os.environ[name] for name in ENDPOINTS if name in os.environ},
    }
    path = options.build / f"zappa_settings.{options.stage}.json"
    write(path, {options.stage: zappa_settings(settings, outputs, environment, str(session.region_name))})
    print(next_steps(options.stage, path, outputs, is_deployed(session, function)))


def given(options: argparse.Namespace, parameters: dict[str, tuple[str, str]]) -> dict[str, str]:
    """The template's parameters that were named; the others stay as they were."""
    values = {parameter: getattr(options, name) for name, (parameter, _) in parameters.items()}
    return {parameter: value for parameter, value in values.items() if value is not None}


def key_use(settings: dict[str, Any], outputs: dict[str, str]) -> Use:
    """For how long links are made with this stage's settings."""
    days = settings.get("aws_environment_variables", {}).get("PORTAL_MAX_SHARE_DAYS")
    return Use(int(days), outputs["Table"]) if days else Use(table=outputs["Table"])


def stage_settings(stage: str) -> dict[str, Any]:
    """The stage of zappa_settings.json on top of the one it extends; their environments are added up."""
    stages = json.loads((CHECKOUT / "zappa_settings.json").read_text(encoding="utf-8"))
    if stage not in stages:
        raise StackFailed(f"zappa_settings.json has no stage {stage}; it has {', '.join(stages)}.")
    own = dict(stages[stage])
    if "extends" not in own:
        return own
    below = stage_settings(own.pop("extends"))
    variables = {**below.get("aws_environment_variables", {}), **own.get("aws_environment_variables", {})}
    return {**below, **own, "aws_environment_variables": variables}


def zappa_settings(
    settings: dict[str, Any], outputs: dict[str, str], environment: dict[str, str], region: str
) -> dict[str, Any]:
    """One stage as Zappa needs it. The stack's values win over those written in zappa_settings.json.

    The variables go where Lambda keeps them (`aws_environment_variables`): Zappa would write
    `environment_variables` into the package, secrets and all, for its own handler.
    """
    (event,) = settings["events"]
    source = {**event["event_source"], "arn": outputs["EventsQueueArn"]}
    return {
        **settings,
        "aws_region": region,
        "runtime": PYTHON,
        "role_arn": outputs["FunctionRoleArn"],
        "s3_bucket": outputs["PackagesBucket"],
        "events": [{**event, "event_source": source}],
        # Zappa asks the new address for a page, at amazonaws.com whatever the endpoint or the partition is.
        "touch": boto3.Session().get_partition_for_region(region) in {"aws", "aws-us-gov"}
        and not any(name in environment for name in ENDPOINTS),
        "aws_environment_variables": {**settings.get("aws_environment_variables", {}), **environment},
    }


def write(path: Path, settings: dict[str, Any]) -> None:
    """Only its owner may read the file: the environment in it has secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(settings, indent=4) + "\n", encoding="utf-8")


def is_deployed(session: boto3.Session, function: str) -> bool:
    functions = session.client("lambda")
    try:
        functions.get_function(FunctionName=function)
    except functions.exceptions.ResourceNotFoundException:
        return False
    return True


def next_steps(stage: str, settings: Path, outputs: dict[str, str], deployed: bool) -> str:
    verb, package = "update" if deployed else "deploy", settings.parent / stage / "package.zip"
    return f"""Ready. {settings} holds what Zappa needs, and secrets: keep it to yourself.

Next:
  make package ARGS="--stage {stage}"
  .venv/bin/zappa {verb} {stage} -s {settings} --zip {package}

People sign in at https://{outputs["SignInDomain"]} and come back to {outputs["PublicUrl"]}.
Mails come from {outputs["MailFrom"]}: AWS asked that address to confirm, unless it had before."""


if __name__ == "__main__":
    main()
