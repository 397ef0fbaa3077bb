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

from infrastructure.failures import CommandFailed
from infrastructure.package import PYTHON
from infrastructure.stack_states import exists_stack
from infrastructure.stages import Stage

# Deploying against other implementations of AWS: the function must find them too.
ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
# What the function was deployed from; a tag, since nothing that runs needs it.
DEPLOYED = "portal-deployed"
# Zappa writes when and by whom a package was made.
DIFFERS_EACH_TIME = {"package_info.json"}
ENTRY = "portal/lambda_entry.py"
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}


def zappa_settings(
    settings: Mapping[str, Any], outputs: Mapping[str, str], environment: Mapping[str, str], region: str
) -> dict[str, Any]:
    """One stage as Zappa needs it. The stack's values win over those of the stage.

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
        "xray_tracing": outputs.get("Traces") == "on",
        "events": [{**event, "event_source": source}],
        # Zappa asks the new address for a page, at amazonaws.com whatever the endpoint or the partition is.
        "touch": boto3.Session().get_partition_for_region(region) in {"aws", "aws-us-gov"}
        and not any(name in environment for name in ENDPOINTS),
        "aws_environment_variables": {**settings.get("aws_environment_variables", {}), **environment},
    }


def write_settings(path: Path, settings: Mapping[str, Any]) -> None:
    """Only its owner may read the file: the environment in it has secrets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(json.dumps(settings, indent=4) + "\n", encoding="utf-8")


def bring_function(
    session: boto3.Session, stage: Stage, settings: Mapping[str, Any], package: Path, build: Path
) -> bool:
    """Bring the function and its API to the package and the settings; False where they are there already."""
    digest = digest_deployment(package, settings)
    deployed = read_tags(session, stage.function)
    has_api = exists_stack(session, stage.function)
    if deployed is not None and has_api and deployed.get(DEPLOYED) == digest:
        return False
    if deployed is not None and not has_api:
        # Zappa neither deploys nor updates then. The function holds nothing of its own.
        print(f"An earlier deployment of {stage.function} stopped half-way; its function is made again.")
        session.client("lambda").delete_function(FunctionName=stage.function)
    settings = {**settings, "tags": {**stage.tags, DEPLOYED: digest}}
    run_zappa("update" if deployed is not None and has_api else "deploy", stage, settings, package, build)
    return True


def run_zappa(
    command: str, stage: Stage, settings: Mapping[str, Any], package: Path | None, build: Path
) -> None:
    """Raises CommandFailed with Zappa's last words; all of them are in build/<stage>.zappa.log."""
    path = build / f"zappa_settings.{stage.name}.json"
    write_settings(path, {stage.name: settings})
    line = [sys.executable, "-m", "zappa.cli", command, stage.name, "-s", str(path)]
    line += ["--zip", str(package)] if package else ["--yes"]
    done = subprocess.run(
        line, env=_environment(stage, settings), capture_output=True, text=True, check=False
    )
    log = build / f"{stage.name}.zappa.log"
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode != 0:
        words = [each.strip() for each in (done.stdout + done.stderr).splitlines() if each.strip()]
        raise CommandFailed(
            f"Zappa could not {command} {stage.function}: {words[-1] if words else 'it said nothing'}\n"
            f"All it said is in {log}. Put right what it names and repeat the command."
        )


def check_package(package: Path, architecture: str) -> None:
    """Raises CommandFailed where the zip is none of this portal's, or for another machine or Python."""
    if not zipfile.is_zipfile(package):
        raise CommandFailed(f"{package} is no zip. Leave PACKAGE= out, and the package is made.")
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
    if ENTRY not in names:
        raise CommandFailed(f"{package} has no {ENTRY}: it is not this portal's package (make package).")
    version = "".join(str(each) for each in sys.version_info[:2])
    fits = f"cpython-{version}-{MACHINES[architecture]}"
    built = [name for name in names if ".cpython-" in name and name.endswith(".so")]
    other = [name for name in built if fits not in name]
    if other:
        raise CommandFailed(
            f"{package} was made for another machine than {PYTHON} on {architecture}: it has {other[0]}."
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


def api_address(session: boto3.Session, stage: Stage) -> str:
    """Where API Gateway serves the stage: beside its own interface, in every region and partition."""
    resources = session.client("cloudformation").describe_stack_resources(StackName=stage.function)
    (api,) = [
        each["PhysicalResourceId"]
        for each in resources["StackResources"]
        if each["ResourceType"] == "AWS::ApiGateway::RestApi"
    ]
    host = urlsplit(session.client("apigateway").meta.endpoint_url).hostname or ""
    if not host.startswith("apigateway."):
        raise CommandFailed(f"What serves {host} does not say where the API is: add PUBLIC_URL=.")
    return f"https://{api}.execute-api.{host.removeprefix('apigateway.')}/{stage.name}"


def _environment(stage: Stage, settings: Mapping[str, Any]) -> dict[str, str]:
    """Zappa finds the same credentials and region as this command."""
    profile = os.environ.get("AWS_PROFILE") or stage.profile
    return {
        **os.environ,
        "AWS_DEFAULT_REGION": settings["aws_region"],
        **({"AWS_PROFILE": profile} if profile else {}),
    }
