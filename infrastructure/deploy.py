"""From nothing to a running portal, and from one version to the next: `make deploy`, or run with `--help`.

Checks who deploys and where, shows each stack's changes and asks, makes the package, has Zappa deploy it,
asks the new portal for its pages, and says what is left for a person to do. Run twice it changes nothing.
Zappa's settings go to build/zappa_settings.<stage>.json; secrets go to Parameter Store alone.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from infrastructure.commands import check_account, make_parser
from infrastructure.consent import ask_before, show_plan
from infrastructure.doctor.checks import SETTLED_BY_PEOPLE, SMOKE, read_deployment
from infrastructure.doctor.events import check_event_source
from infrastructure.doctor.findings import Deployment, Finding, examine, exit_status, format_findings
from infrastructure.domain import lead_domain_to_api, with_domain
from infrastructure.failures import CommandFailed, end_with_a_sentence
from infrastructure.function import (
    ENDPOINTS,
    api_address,
    bring_function,
    check_package,
    zappa_settings,
)
from infrastructure.kept_secrets import keep_secrets
from infrastructure.left_to_do import list_what_is_left
from infrastructure.package import BUILD, build
from infrastructure.parameters import PARAMETERS
from infrastructure.runtime import runtime_of
from infrastructure.secret_key import Use, secret_key_variables
from infrastructure.stack import environment_from_stack, stack_parameters
from infrastructure.stack_states import ANNOUNCED, STILLBORN, exists_stack, stack_status
from infrastructure.stacks import bring_mappings, bring_stacks, show_plans
from infrastructure.stages import Stage, open_session, read_stage
from portal.config.parsing import ConfigurationError
from portal.config.settings import Config

PAUSE_SECONDS, SETTLING_SECONDS = 5, 120
# The address of API Gateway is known only once the function is deployed.
ADDRESS_FOLLOWS = "https://address-follows.invalid"
# What the stacks and the key will say, for a look at the stage's own settings before anything is made.
UNTIL_KNOWN = dict.fromkeys(
    (
        "PORTAL_TABLE", "PORTAL_FILES_BUCKET", "PORTAL_LOGS_BUCKET",
        "PORTAL_OIDC_CLIENT_ID", "PORTAL_OIDC_CLIENT_SECRET",
    ),
    "follows",
) | {
    "PORTAL_PUBLIC_URL": ADDRESS_FOLLOWS,
    "PORTAL_OIDC_METADATA_URL": ADDRESS_FOLLOWS,
    "PORTAL_MAIL_FROM": "follows@example.org",
    "PORTAL_SECRET_KEY": "0123456789abcdef" * 4,
}  # fmt: skip


def main() -> None:
    options = arguments()
    with end_with_a_sentence():
        stage = read_stage(options.stage, options.stages)
        session = open_session(stage)
        caller = check_account(session, stage)
        where = f"{session.region_name} of the account {caller['Account']}"
        print(f"The stage {stage.name} in {where}, as {caller['Arn']}.")
        given = parameters_of(stage, options)
        if options.plan:
            show_plans(session, stage, with_an_address(session, stage, given), show_plan)
        else:
            deploy(session, stage, given, options)


def arguments() -> argparse.Namespace:
    parser = make_parser("deploy", "Deploy the portal, or bring it up to date. What is not given stays.")
    parser.add_argument("--build", type=Path, default=BUILD, help="the folder to work in (build)")
    parser.add_argument("--package", type=Path, help="a package made before (it is made)")
    parser.add_argument("--include", type=Path, action="append", default=[], help="what PORTAL_STEPS names")
    parser.add_argument("--plan", action="store_true", help="only show what would change")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    for name, (_, text) in PARAMETERS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", help=text)
    return parser.parse_args()


def parameters_of(stage: Stage, options: argparse.Namespace) -> dict[str, str]:
    """Of the stage's file, and on top of it what was typed."""
    typed = {parameter: getattr(options, name) for name, (parameter, _) in PARAMETERS.items()}
    return with_domain(
        {**stage.parameters, **{key: value for key, value in typed.items() if value is not None}}
    )


def deploy(
    session: boto3.Session, stage: Stage, given: Mapping[str, str], options: argparse.Namespace
) -> None:
    given = with_an_address(session, stage, given)
    check_settings(UNTIL_KNOWN | stage.settings["aws_environment_variables"], str(session.region_name))
    agree = ask_before(yes=options.yes)
    given = with_earlier_address(session, stage, given)
    outputs = bring_stacks(session, stage, given, agree)
    package = make_package(stage, options)
    deploy_function(session, stage, outputs, package, options.build)
    if outputs["PublicUrl"] == ADDRESS_FOLLOWS:
        address = api_address(session, stage)
        print(f"The portal's address is {address}.")
        outputs = bring_stacks(session, stage, {**given, "PublicUrl": address}, ask_before(yes=True))
        deploy_function(session, stage, outputs, package, options.build)
    bring_mappings(session, stage, outputs | dict(given), agree)
    lead_domain_to_api(session, stage)
    if stack_parameters(session, stage.resources).get("EarlierUrl"):
        bring_stacks(session, stage, {"EarlierUrl": ""}, ask_before(yes=True))
    look_at_it(read_deployment(session, stage))


def look_at_it(deployment: Deployment) -> None:
    """Ask the portal for its pages, and say what is left to do. Raises CommandFailed where none come."""
    smoke = ask_for_pages(deployment)
    findings = [*smoke, *examine(deployment, SETTLED_BY_PEOPLE)]
    print(f"\n{format_findings(smoke)}\n\nWhat is left for you to do:\n")
    print("\n\n".join(f"- {each}" for each in list_what_is_left(deployment, findings)))
    if exit_status(smoke) != 0:
        address = deployment.outputs["PublicUrl"]
        raise CommandFailed(f"\nThe portal is deployed, but does not answer at {address} as it should.")


def ask_for_pages(deployment: Deployment) -> list[Finding]:
    """A new API and a new function may take some seconds to answer, the queue's events up to two minutes."""
    for _ in range(SETTLING_SECONDS // PAUSE_SECONDS):
        if exit_status(examine(deployment, [check_event_source])) != 2:
            break
        time.sleep(PAUSE_SECONDS)
    for pause_seconds in (2, 5, 0):
        findings = list(examine(deployment, SMOKE))
        if exit_status(findings) == 0:
            break
        time.sleep(pause_seconds)
    return findings


def with_an_address(session: boto3.Session, stage: Stage, given: Mapping[str, str]) -> dict[str, str]:
    """What was given, and what a new stage needs besides. Raises CommandFailed where something is missing.

    New is also one whose creation failed, and one that so far only took in what outlived another.
    """
    status = stack_status(session.client("cloudformation"), stage.resources)
    is_new = status in {None, ANNOUNCED, *STILLBORN}
    if not is_new and "PublicUrl" in stack_parameters(session, stage.resources):
        return dict(given)
    if "MailFrom" not in given:
        raise CommandFailed(
            "From which address do emails come? Add MAIL_FROM=portal@example.org, of a domain that you own."
        )
    return {"PublicUrl": ADDRESS_FOLLOWS, **given}


def with_earlier_address(session: boto3.Session, stage: Stage, given: Mapping[str, str]) -> dict[str, str]:
    """What was given, and where the portal is until now if it moves: until the function has moved as well,
    people sign in and upload there."""
    if not exists_stack(session, stage.resources):
        return dict(given)
    now = stack_parameters(session, stage.resources).get("PublicUrl", "")
    moves = given.get("PublicUrl", now) not in {now, ADDRESS_FOLLOWS} and now not in {"", ADDRESS_FOLLOWS}
    return {**given, "EarlierUrl": now} if moves else dict(given)


def make_package(stage: Stage, options: argparse.Namespace) -> Path:
    runtime = runtime_of(stage.settings)
    if not options.package:
        print("Making the package.")
        return build(options.build / stage.name, runtime, options.include)
    check_package(options.package, runtime)
    return Path(options.package)


def deploy_function(
    session: boto3.Session, stage: Stage, outputs: Mapping[str, str], package: Path, folder: Path
) -> None:
    variables = stage.settings["aws_environment_variables"] | portal_variables(session, stage, outputs)
    check_settings(variables, str(session.region_name))
    environment = keep_secrets(session, stage.function, variables)
    settings = zappa_settings(stage.settings, outputs, environment, str(session.region_name))
    print(f"Bringing the function {stage.function} to the package; the first time takes minutes.")
    if not bring_function(session, stage, settings, package, folder):
        print(f"The function {stage.function} is as it should be.")


def portal_variables(session: boto3.Session, stage: Stage, outputs: Mapping[str, str]) -> dict[str, str]:
    """What the stack decides, and the secret key."""
    return {
        **environment_from_stack(session, stage.resources),
        **secret_key_variables(session, stage.function, use=key_use(stage.settings, outputs)),
        **{name: os.environ[name] for name in ENDPOINTS if name in os.environ},
    }


def check_settings(variables: Mapping[str, str], region: str) -> None:
    """Whether the portal would start with them; raises CommandFailed with the sentence it would end with."""
    try:
        Config.from_env({**variables, "AWS_REGION": region})
    except ConfigurationError as error:
        raise CommandFailed(f"The portal would not start with these settings: {error}") from error


def key_use(settings: Mapping[str, Any], outputs: Mapping[str, str]) -> Use:
    """For how long links are made with this stage's settings. Raises CommandFailed for what is no number."""
    days = settings.get("aws_environment_variables", {}).get("PORTAL_MAX_SHARE_DAYS")
    if days and not str(days).isdecimal():
        raise CommandFailed(f"PORTAL_MAX_SHARE_DAYS must be a number of days, not {days}.")
    return Use(int(days), outputs["Table"]) if days else Use(table=outputs["Table"])


if __name__ == "__main__":
    main()
