"""A stage is taken down by its name alone, and what people own outlives it."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from infrastructure.adoption import GROUP, IDENTIFIERS, OUTLIVE, adopt, describe_import
from infrastructure.change_sets import Declined, Plan, StackRequest
from infrastructure.destroy import describe_parameters, destroy
from infrastructure.failures import CommandFailed
from infrastructure.function import read_tags, zappa_settings
from infrastructure.parameters import PARAMETERS
from infrastructure.stack import TEMPLATE, StackFailed
from infrastructure.stack_states import exists_stack
from infrastructure.stacks import STACKS, bring_mappings, bring_stacks
from infrastructure.stages import Stage, read_stage
from portal.local.ministack import MiniStack
from tests.infrastructure.ward import make_function

KEY = {"pk": {"S": "FILE#1"}, "sk": {"S": "file"}}
ADDRESS = "ana@example.org"
FOUND_BY_NAME = {"FunctionLogs", "MailSender"}  # by existing_resources
GIVEN = {"PublicUrl": "https://gone.example.org", "MailFrom": "p@gone.example", "SavedQueries": "off"}


def agree(plan: Plan) -> None:
    """To everything."""


def refuse(plan: Plan) -> None:
    raise Declined("no")


def make_stage(session: boto3.Session) -> tuple[Stage, dict[str, str]]:
    """Protected as by default, with something of people's in each place."""
    settings = {**read_stage("production").settings, "project_name": "gone"}
    stage = Stage("soon", settings)
    outputs = bring_stacks(session, stage, GIVEN, agree)
    make_function(session, stage, zappa_settings(settings, outputs, {}, str(session.region_name)))
    bring_mappings(session, stage, outputs, agree)
    session.client("dynamodb").put_item(TableName=outputs["Table"], Item=KEY)
    session.client("s3").put_object(Bucket=outputs["FilesBucket"], Key="files/a/1", Body=b"x")
    session.client("s3").put_object(Bucket=outputs["PackagesBucket"], Key="package.zip", Body=b"x")
    people, ana = session.client("cognito-idp"), {"UserPoolId": outputs["UserPool"], "Username": ADDRESS}
    people.admin_create_user(**ana)
    people.admin_add_user_to_group(**ana, GroupName="admins")
    return stage, outputs


def check_kept(session: boto3.Session, outputs: dict[str, str]) -> None:
    assert session.client("dynamodb").get_item(TableName=outputs["Table"], Key=KEY)["Item"] == KEY
    found = session.client("s3").get_object(Bucket=outputs["FilesBucket"], Key="files/a/1")
    assert found["Body"].read() == b"x"
    admins = session.client("cognito-idp").list_users_in_group(
        UserPoolId=outputs["UserPool"], GroupName="admins"
    )
    assert len(admins["Users"]) == 1


def check_wired(session: boto3.Session, outputs: dict[str, str]) -> None:
    """The old bucket tells the new queue, and the old pool sends people to the new client's address."""
    told = session.client("s3").get_bucket_notification_configuration(Bucket=outputs["FilesBucket"])
    assert {each["QueueArn"] for each in told["QueueConfigurations"]} == {outputs["EventsQueueArn"]}
    client = session.client("cognito-idp").describe_user_pool_client(
        UserPoolId=outputs["UserPool"], ClientId=outputs["UserPoolClient"]
    )["UserPoolClient"]
    assert client["CallbackURLs"] == ["https://gone.example.org/login/callback"]


def lose_table_settings(session: boto3.Session, outputs: dict[str, str]) -> None:
    """As in a table that was restored to an earlier moment."""
    database = session.client("dynamodb")
    for name in ("Table", "AuditTable"):
        off = {"PointInTimeRecoveryEnabled": False}
        database.update_continuous_backups(TableName=outputs[name], PointInTimeRecoverySpecification=off)
    off = {"AttributeName": "ttl", "Enabled": False}
    database.update_time_to_live(TableName=outputs["Table"], TimeToLiveSpecification=off)


def check_table_settings(session: boto3.Session, outputs: dict[str, str]) -> None:
    database = session.client("dynamodb")
    for name in ("Table", "AuditTable"):
        found = database.describe_continuous_backups(TableName=outputs[name])["ContinuousBackupsDescription"]
        assert found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    found = database.describe_time_to_live(TableName=outputs["Table"])["TimeToLiveDescription"]
    assert (found["TimeToLiveStatus"], found["AttributeName"]) == ("ENABLED", "ttl")


def is_there(session: boto3.Session, stage: Stage) -> list[bool]:
    stacks: list[Any] = [
        exists_stack(session, stage.stack(each.suffix)) for each in STACKS if not each.made_for
    ]
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
    with pytest.raises(Declined, match="--confirm soon"):
        destroy(session, stage, "", tmp_path)
    for confirmed in ("production", "gone-soon"):
        with pytest.raises(Declined):
            destroy(session, stage, confirmed, tmp_path)
    assert all(is_there(session, stage))
    account = session.client("sts").get_caller_identity()["Account"]
    assert f"{session.region_name} of the account {account}" in capsys.readouterr().out
    destroy(session, stage, "soon", tmp_path)
    assert not any(is_there(session, stage))
    check_kept(session, outputs)
    session.client("sesv2").get_email_identity(EmailIdentity=GIVEN["MailFrom"])
    said = capsys.readouterr().out
    assert all(f'{name} = "{outputs[name]}"' in said for name in OUTLIVE)
    for known in ('saved_queries = "off"', f"/aws/lambda/{stage.function}", f"{stage.function}-costs"):
        assert known in said
    with pytest.raises(CommandFailed, match="nothing of the stage soon"):
        destroy(session, stage, "soon", tmp_path)
    lose_table_settings(session, outputs)
    adopting = replace(stage, adopt={name: outputs[name] for name in OUTLIVE})
    again = bring_stacks(session, adopting, GIVEN, agree)
    assert {name: again[name] for name in OUTLIVE} == {name: outputs[name] for name in OUTLIVE}
    assert again["UserPoolClient"] != outputs["UserPoolClient"]
    check_kept(session, again)
    check_wired(session, again)
    check_table_settings(session, again)
    assert bring_stacks(session, adopting, {}, refuse) == again


def test_whatever_outlives_a_stage_is_taken_in_again(every_resource: dict[str, Any]) -> None:
    """Everything that the templates keep, but for what has a name that is known: the function's log, and the
    sender of emails, which is the account's and may be another stage's as well."""
    kept = {name for name, one in every_resource.items() if "DeletionPolicy" in one}
    assert kept >= {*OUTLIVE, *FOUND_BY_NAME}
    others = kept - {*OUTLIVE, *FOUND_BY_NAME}
    groups = {name for name, one in every_resource.items() if one["Type"] == GROUP}
    assert others == groups
    assert {every_resource[name]["Type"] for name in OUTLIVE} == IDENTIFIERS.keys()


def test_every_parameter_is_said_again_but_for_defaults(every_parameter: dict[str, Any]) -> None:
    """As the stage's file says it; a scan that is forgotten would open files that are in quarantine."""
    given = {parameter: f'a "{name}"' for name, (parameter, _) in PARAMETERS.items()}
    written = tomllib.loads(describe_parameters(given | {"FunctionName": "x"}))
    assert written == {"parameters": {name: f'a "{name}"' for name in PARAMETERS}}
    usual = {name: str(one["Default"]) for name, one in every_parameter.items() if "Default" in one}
    assert tomllib.loads(describe_parameters(usual)) == {"parameters": {}}
    gone = {"PublicUrl": "https://a1.execute-api.eu-central-1.amazonaws.com/soon", "Protection": "pending"}
    assert tomllib.loads(describe_parameters(gone)) == {"parameters": {}}


def test_an_import_depends_on_nothing_that_is_not_there(every_resource: dict[str, Any]) -> None:
    """And has of each resource what it cannot be without."""
    kept = {name: f"the-{name}" for name in OUTLIVE}
    resources, identifiers = describe_import(TEMPLATE, kept, {"chiefs", "portal-audit", "others"}, "chiefs")
    assert resources.keys() == {*OUTLIVE, "Admins", "Auditors"}
    text = json.dumps(resources)
    assert "Fn::" not in text
    assert '"Ref"' not in text
    assert all(one["DeletionPolicy"] == "RetainExceptOnCreate" for one in resources.values())
    for table in ("Table", "AuditTable"):
        assert resources[table]["Properties"]["KeySchema"]
    named = {each["LogicalResourceId"]: each["ResourceIdentifier"] for each in identifiers}
    assert named["Table"] == {"TableName": "the-Table"}
    assert named["Admins"] == {"UserPoolId": "the-UserPool", "GroupName": "chiefs"}


def test_what_cannot_be_adopted_is_named(embedded_aws: MiniStack) -> None:
    with pytest.raises(CommandFailed, match="FilesBuckt; it can say Table"):
        adopt(embedded_aws.session(), StackRequest("none", {}), {"FilesBuckt": "x"})
    with pytest.raises(StackFailed, match="not found"):
        adopt(embedded_aws.session(), StackRequest("none", {}), {"FilesBucket": "no-such-bucket"})
    assert not exists_stack(embedded_aws.session(), "none")
