"""A stage is taken down by its name alone, and what people own outlives it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest

from infrastructure.adoption import OUTLIVE
from infrastructure.change_sets import Declined, Plan
from infrastructure.destroy import destroy
from infrastructure.failures import CommandFailed
from infrastructure.function import read_tags, zappa_settings
from infrastructure.stack_states import exists_stack
from infrastructure.stacks import STACKS, bring_stacks
from infrastructure.stages import Stage, read_stage
from portal.local.ministack import MiniStack
from tests.infrastructure.ward import make_function

KEY = {"pk": {"S": "FILE#1"}, "sk": {"S": "file"}}
ADDRESS = "ana@example.org"


def agree(plan: Plan) -> None:
    """To everything."""


def make_stage(session: boto3.Session) -> tuple[Stage, dict[str, str]]:
    """Protected as by default, with something of people's in each place."""
    settings = {**read_stage("production").settings, "project_name": "gone"}
    stage = Stage("soon", settings)
    given = {"PublicUrl": "https://gone.example.org", "MailFrom": "p@gone.example", "SavedQueries": "off"}
    outputs = bring_stacks(session, stage, given, agree)
    make_function(session, stage, zappa_settings(settings, outputs, {}, str(session.region_name)))
    session.client("dynamodb").put_item(TableName=outputs["Table"], Item=KEY)
    session.client("s3").put_object(Bucket=outputs["FilesBucket"], Key="files/a/1", Body=b"x")
    session.client("s3").put_object(Bucket=outputs["PackagesBucket"], Key="package.zip", Body=b"x")
    session.client("cognito-idp").admin_create_user(UserPoolId=outputs["UserPool"], Username=ADDRESS)
    return stage, outputs


def check_kept(session: boto3.Session, outputs: dict[str, str]) -> None:
    assert session.client("dynamodb").get_item(TableName=outputs["Table"], Key=KEY)["Item"] == KEY
    found = session.client("s3").get_object(Bucket=outputs["FilesBucket"], Key="files/a/1")
    assert found["Body"].read() == b"x"
    users = session.client("cognito-idp").list_users(UserPoolId=outputs["UserPool"])["Users"]
    assert [each["Attributes"] for each in users]


def is_there(session: boto3.Session, stage: Stage) -> list[bool]:
    stacks: list[Any] = [exists_stack(session, stage.stack(each.suffix)) for each in STACKS]
    return [*stacks, read_tags(session, stage.function) is not None]


def test_what_people_own_outlives_it(
    embedded_aws: MiniStack,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in embedded_aws.root_environment.items():
        monkeypatch.setenv(name, value)
    session = embedded_aws.session()
    stage, outputs = make_stage(session)
    for confirmed in ("", "production", "gone-soon"):
        with pytest.raises(Declined):
            destroy(session, stage, confirmed, tmp_path)
    assert all(is_there(session, stage))
    capsys.readouterr()
    destroy(session, stage, "soon", tmp_path)
    assert not any(is_there(session, stage))
    check_kept(session, outputs)
    said = capsys.readouterr().out
    assert all(f'{name} = "{outputs[name]}"' in said for name in OUTLIVE)
    with pytest.raises(CommandFailed, match="nothing of the stage soon"):
        destroy(session, stage, "soon", tmp_path)


def test_whatever_outlives_a_stage_is_named(every_resource: dict[str, Any]) -> None:
    """Everything that the templates keep, but for the log of the function, which has a name that is known."""
    kept = {name for name, one in every_resource.items() if "DeletionPolicy" in one}
    assert kept == {*OUTLIVE, "FunctionLogs"}
