"""What the commands of a deployed stage have in common: which stage, and a session in its account."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import boto3

from infrastructure.failures import CommandFailed
from infrastructure.stages import STAGES, Stage, open_session, read_stage


def make_parser(name: str, description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"make {name}", description=description)
    parser.add_argument("--stage", default="production", help="which deployment (production)")
    parser.add_argument("--stages", type=Path, default=STAGES, help="the folder of stages' files (stages)")
    return parser


def open_stage(options: argparse.Namespace) -> tuple[boto3.Session, Stage]:
    stage = read_stage(options.stage, options.stages)
    session = open_session(stage)
    check_account(session, stage)
    return session, stage


def check_account(session: boto3.Session, stage: Stage) -> dict[str, Any]:
    """Whose credentials these are; raises CommandFailed where the stage belongs to another account."""
    caller = session.client("sts").get_caller_identity()
    if stage.account and caller["Account"] != stage.account:
        raise CommandFailed(
            f"The stage {stage.name} belongs to the account {stage.account}, and these credentials are of"
            f" {caller['Account']}. Set AWS_PROFILE to one of the other account."
        )
    return dict(caller)
