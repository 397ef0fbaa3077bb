"""The function and its API: what Zappa is told, Zappa run, and what it left half done put right."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import NoCredentialsError

from infrastructure.failures import CommandFailed
from infrastructure.runtime import Runtime, list_misfits
from infrastructure.stack_states import exists_stack
from infrastructure.stages import Stage, profile_of
from portal.config.settings import SECRETS

# Deploying against other implementations of AWS: the function must find them too.
ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
# What the function was deployed from; a tag, since nothing that runs needs it.
DEPLOYED = "portal-deployed"
# Zappa writes when and by whom a package was made.
DIFFERS_EACH_TIME = {"package_info.json"}
ENTRY = "portal/lambda_entry.pyc"
# What chooses whose credentials a process has.
CREDENTIALS = {
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION",
}  # fmt: skip


def zappa_settings(
    settings: Mapping[str, Any], outputs: Mapping[str, str], environment: Mapping[str, str], region: str
) -> dict[str, Any]:
    """One stage as Zappa needs it. The stack's values win over those of the stage.

    The variables go where Lambda keeps them (`aws_environment_variables`): Zappa would write
    `environment_variables` into the package for its own handler. Secrets are in neither.
    """
    said = settings.get("aws_environment_variables", {})
    own = {name: value for name, value in said.items() if name not in SECRETS}
    return {
        **settings,
        "aws_region": region,
        "role_arn": outputs["FunctionRoleArn"],
        "s3_bucket": outputs["PackagesBucket"],
        "xray_tracing": outputs.get("Traces") == "on",
        # Zappa asks the new address for a page, at amazonaws.com whatever the endpoint or the partition is.
        "touch": boto3.Session().get_partition_for_region(region) in {"aws", "aws-us-gov"}
        and not any(name in environment for name in ENDPOINTS),
        "aws_environment_variables": {**own, **environment},
    }


def write_settings(path: Path, settings: Mapping[str, Any]) -> None:
    """Only its owner may read the file: the environment in it is nobody else's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(settings, indent=4) + "\n", encoding="utf-8")


def bring_function(
    session: boto3.Session, stage: Stage, settings: Mapping[str, Any], package: Path, build: Path
) -> bool:
    """Bring the function and its API to the package and the settings; False where they are there already."""
    digest = digest_deployment(package, settings)
    variables = settings["aws_environment_variables"]
    deployed = read_tags(session, stage.function)
    has_api = exists_stack(session, stage.function)
    if deployed is not None and has_api and deployed.get(DEPLOYED) == digest:
        return bring_variables(session, stage.function, variables)
    if deployed is not None and not has_api:
        # Zappa neither deploys nor updates then. The function holds nothing of its own.
        print(f"An earlier deployment of {stage.function} stopped half-way; its function is made again.")
        session.client("lambda").delete_function(FunctionName=stage.function)
    settings = {**settings, "tags": {**stage.tags, DEPLOYED: digest}}
    command = "update" if deployed is not None and has_api else "deploy"
    run_zappa(session, command, stage, settings, package, build)
    bring_variables(session, stage.function, variables)
    return True


def bring_variables(session: boto3.Session, function: str, variables: Mapping[str, str]) -> bool:
    """Have the function run with these variables and no others; False where it does.

    Zappa's update keeps every variable that its settings no longer have.
    """
    functions = session.client("lambda")
    updated = functions.get_waiter("function_updated_v2")
    updated.wait(FunctionName=function)
    found = functions.get_function_configuration(FunctionName=function).get("Environment", {})
    if found.get("Variables", {}) == variables:
        return False
    functions.update_function_configuration(FunctionName=function, Environment={"Variables": dict(variables)})
    updated.wait(FunctionName=function)
    return True


def run_zappa(
    session: boto3.Session,
    command: str,
    stage: Stage,
    settings: Mapping[str, Any],
    package: Path | None,
    build: Path,
) -> None:
    """Raises CommandFailed with Zappa's last words; all of them are in build/<stage>.zappa.log.

    The profile is in the file too, for whoever runs Zappa with it by hand.
    """
    path, profile = build / f"zappa_settings.{stage.name}.json", profile_of(stage)
    write_settings(path, {stage.name: {**settings, **({"profile_name": profile} if profile else {})}})
    line = [sys.executable, "-m", "zappa.cli", command, stage.name, "-s", str(path)]
    line += ["--zip", str(package)] if package else ["--yes"]
    done = subprocess.run(line, env=_environment(session), capture_output=True, text=True, check=False)
    log = build / f"{stage.name}.zappa.log"
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode != 0:
        words = [each.strip() for each in (done.stdout + done.stderr).splitlines() if each.strip()]
        raise CommandFailed(
            f"Zappa could not {command} {stage.function}: {words[-1] if words else 'it said nothing'}\n"
            f"All it said is in {log}. Put right what it names and repeat the command."
        )


def check_package(package: Path, runtime: Runtime) -> None:
    """Raises CommandFailed where the zip is none of this portal's, or for another machine or Python."""
    if not zipfile.is_zipfile(package):
        raise CommandFailed(f"{package} is no zip. Leave PACKAGE= out, and the package is made.")
    with zipfile.ZipFile(package) as archive:
        if ENTRY not in archive.namelist():
            raise CommandFailed(f"{package} has no {ENTRY}: it is not this portal's package (make package).")
        other = list_misfits(archive, runtime)
    if other:
        raise CommandFailed(
            f"{package} was made for another machine than {runtime}: it has {other[0]}."
            " Leave PACKAGE= out, and the package is made."
        )


def digest_deployment(package: Path, settings: Mapping[str, Any]) -> str:
    """The same for the same files and settings, whenever they were put together."""
    with zipfile.ZipFile(package) as archive:
        files = sorted(
            (each.filename, each.CRC, each.file_size)
            for each in archive.infolist()
            if each.filename not in DIFFERS_EACH_TIME
        )
    return hashlib.sha256(json.dumps([files, settings], sort_keys=True).encode()).hexdigest()


def read_tags(session: boto3.Session, function: str) -> dict[str, str] | None:
    """The function's tags; None where there is no function."""
    functions = session.client("lambda")
    try:
        return dict(functions.get_function(FunctionName=function).get("Tags", {}))
    except functions.exceptions.ResourceNotFoundException:
        return None


def find_api(session: boto3.Session, stage: Stage) -> str:
    """The id of the stage's API, which Zappa has made."""
    resources = session.client("cloudformation").describe_stack_resources(StackName=stage.function)
    (api,) = [
        each["PhysicalResourceId"]
        for each in resources["StackResources"]
        if each["ResourceType"] == "AWS::ApiGateway::RestApi"
    ]
    return str(api)


def api_address(session: boto3.Session, stage: Stage) -> str:
    """Where API Gateway serves the stage: beside its own interface, in every region and partition."""
    api = find_api(session, stage)
    host = urlsplit(session.client("apigateway").meta.endpoint_url).hostname or ""
    if not host.startswith("apigateway."):
        raise CommandFailed(f"What serves {host} does not say where the API is: add PUBLIC_URL=.")
    return f"https://{api}.execute-api.{host.removeprefix('apigateway.')}/{stage.name}"


def _environment(session: boto3.Session) -> dict[str, str]:
    """This process's own, with the very credentials and region of the session: of a profile and keys Zappa
    takes the keys, boto3 the profile."""
    found = session.get_credentials()
    if found is None:
        raise NoCredentialsError
    keys = found.get_frozen_credentials()
    chosen = {
        "AWS_DEFAULT_REGION": session.region_name,
        "AWS_ACCESS_KEY_ID": keys.access_key,
        "AWS_SECRET_ACCESS_KEY": keys.secret_key,
        "AWS_SESSION_TOKEN": keys.token,
    }
    others = {name: value for name, value in os.environ.items() if name not in CREDENTIALS}
    return others | {name: value for name, value in chosen.items() if value}
