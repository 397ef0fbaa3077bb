"""Someone at a shell who deploys: the commands as processes of their own, whose calls to AWS are noted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import boto3

from infrastructure.deployer_policy import name_action
from infrastructure.runtime import CHECKOUT, own_runtime
from portal.local.ministack import MiniStack
from tests.deployed.conftest import STAGE

RECORDER = Path(__file__).parent / "recorder"
CALLS = "calls-to-aws"


@dataclass(frozen=True)
class Deployer:
    """Someone at a shell, with the account's keys."""

    aws: MiniStack
    build: Path
    package: Path

    def run(self, module: str, *arguments: str, status: int = 0) -> str:
        command = [sys.executable, "-m", module, *arguments]
        recording = {"PYTHONPATH": str(RECORDER), "CALLS_TO_AWS": str(self.build / CALLS)}
        environment = self.aws.root_environment | recording
        done = subprocess.run(
            command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    def deploy(self, *arguments: str, status: int = 0) -> str:
        given = ("--stage", STAGE, "--build", str(self.build), "--package", str(self.package), *arguments)
        return self.run(
            "infrastructure.deploy", "--stages", str(self.build / "stages"), *given, status=status
        )

    def command(self, module: str, *arguments: str, status: int = 0) -> str:
        """Of the deployed stage."""
        return self.run(
            module, "--stage", STAGE, "--stages", str(self.build / "stages"), *arguments, status=status
        )

    def list_actions(self) -> set[str]:
        """The IAM actions of all calls so far."""
        lines = (self.build / CALLS).read_text(encoding="utf-8").splitlines()
        return {name_action(*line.split()) for line in set(lines)}


@dataclass(frozen=True)
class Run:
    """One run of the command: what it said, and everything there was before and after."""

    said: str
    before: list[str]
    after: list[str]


def write_stage(folder: Path) -> None:
    """Of this machine's Python and processor, and nothing is protected from being thrown away."""
    folder.mkdir()
    runtime = own_runtime()
    (folder / f"{STAGE}.toml").write_text(
        'termination_protection = false\n[parameters]\nmail_from = "portal@example.org"\nprotection = "off"\n'
        'saved_queries = "off"  # the stand-in has none to save\n'
        f'[zappa]\nruntime = "{runtime.python}"\narchitecture = "{runtime.architecture}"\n'
    )


def watch(session: boto3.Session, run: Callable[[], str]) -> Run:
    before = list_what_is_there(session)
    return Run(run(), before, list_what_is_there(session))


def list_what_is_there(session: boto3.Session) -> list[str]:
    """Stacks, change sets, versions of the function and deployments of the API, with their last change."""
    formation, functions = session.client("cloudformation"), session.client("lambda")
    gateway, stacks = session.client("apigateway"), formation.describe_stacks()["Stacks"]
    found = [f"{each['StackName']} {each['StackStatus']} {each.get('LastUpdatedTime')}" for each in stacks]
    for each in functions.list_functions()["Functions"]:
        versions = functions.list_versions_by_function(FunctionName=each["FunctionName"])["Versions"]
        found += [f"{each['FunctionName']} {one['Version']} {one['LastModified']}" for one in versions]
    for api in gateway.get_rest_apis()["items"]:
        found += [
            f"{api['id']} {each['id']}" for each in gateway.get_deployments(restApiId=api["id"])["items"]
        ]
    return sorted(found)
