"""What outlives a stage, and how the next one takes it in again: by CloudFormation's import of resources.

A stack is made of what outlived first, as it is, and then brought to its template like any other; so buckets
hear of the new queue, and everything is the stack's own again. A table that was restored is taken in the same
way, under its new name.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
from cfnlint.decode import cfn_yaml

from infrastructure.change_sets import Plan, StackRequest, execute_change_set
from infrastructure.failures import CommandFailed
from infrastructure.stack import StackFailed
from infrastructure.stack_states import describe_failure, wait_for_rest

# By their names in the template, which its outputs have as well.
OUTLIVE = ("Table", "AuditTable", "FilesBucket", "LogsBucket", "RootsBucket", "UserPool")
# What tells one from others, by type, as each type's schema in CloudFormation's registry says.
IDENTIFIERS = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Cognito::UserPool": "UserPoolId",
}
EXPIRING = {"ENABLED", "ENABLING"}
GROUP = "AWS::Cognito::UserPoolGroup"


def describe_adoption(outputs: Mapping[str, str]) -> str:
    """As the stage's file says it."""
    lines = [f'{name} = "{outputs[name]}"' for name in OUTLIVE if name in outputs]
    return "\n".join(["[adopt]", *lines])


def adopt(session: boto3.Session, request: StackRequest, kept: Mapping[str, str]) -> None:
    """Make the stack of what outlived another. Raises StackFailed, and Declined as `request.agree` does."""
    if unknown := kept.keys() - set(OUTLIVE):
        raise CommandFailed(f"[adopt] says {', '.join(sorted(unknown))}; it can say {', '.join(OUTLIVE)}.")
    groups = _list_groups(session, kept["UserPool"]) if "UserPool" in kept else set[str]()
    admins = {**request.offers, **request.parameters}.get("AdminGroup", "admins")
    resources, identifiers = describe_import(request.template, kept, groups, admins)
    client = session.client("cloudformation")
    call = {
        "StackName": request.name,
        "TemplateBody": json.dumps({"Resources": resources}),
        "ResourcesToImport": identifiers,
        **({"RoleARN": request.role_arn} if request.role_arn else {}),
    }

    def agree_and_restore(plan: Plan) -> None:
        request.agree(plan)
        restore_table_settings(session, resources, kept)

    execute_change_set(client, replace(request, agree=agree_and_restore), call, "IMPORT")
    final = wait_for_rest(client, request.name)
    if final != "IMPORT_COMPLETE":
        raise StackFailed(describe_failure(client, request.name, final))


def describe_import(
    template: Path, kept: Mapping[str, str], groups: set[str], admins: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A template's resources and CloudFormation's ResourcesToImport. Of the properties are taken those that
    depend on nothing else; the others come with the update that follows.
    """
    resources: dict[str, Any] = {}
    identifiers = []
    for name, one in cfn_yaml.load(str(template))["Resources"].items():
        properties = {key: value for key, value in one["Properties"].items() if not _depends(value)}
        identifier: dict[str, str] = {}
        if name in kept:
            identifier = {IDENTIFIERS[one["Type"]]: kept[name]}
        elif one["Type"] == GROUP and (group := properties.get("GroupName", admins)) in groups:
            identifier = {"UserPoolId": kept["UserPool"], "GroupName": group}
            properties |= identifier
        if identifier:
            policies = {key: one[key] for key in ("DeletionPolicy", "UpdateReplacePolicy")}
            resources[name] = {"Type": one["Type"], **policies, "Properties": properties}
            identifiers.append(
                {"ResourceType": one["Type"], "LogicalResourceId": name, "ResourceIdentifier": identifier}
            )
    return resources, identifiers


def restore_table_settings(
    session: boto3.Session, resources: Mapping[str, Any], kept: Mapping[str, str]
) -> None:
    """A table from RestoreTableToPointInTime has neither recovery nor expiry, and an import, which takes the
    template's word for what is there, leaves them off for good.
    """
    database = session.client("dynamodb")
    for name, one in resources.items():
        if one["Type"] != "AWS::DynamoDB::Table":
            continue
        table, wanted = kept[name], one["Properties"]
        backups = database.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
        if recovery != "ENABLED":
            database.update_continuous_backups(
                TableName=table,
                PointInTimeRecoverySpecification=wanted["PointInTimeRecoverySpecification"],
            )
        expiry = wanted.get("TimeToLiveSpecification")
        found = database.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        if expiry and found["TimeToLiveStatus"] not in EXPIRING:
            database.update_time_to_live(TableName=table, TimeToLiveSpecification=expiry)


def _depends(value: Any) -> bool:
    """Whether an intrinsic function is in it: a parameter, another resource, a condition."""
    if isinstance(value, Mapping):
        return any(key == "Ref" or key.startswith("Fn::") or _depends(one) for key, one in value.items())
    return isinstance(value, list) and any(_depends(one) for one in value)


def _list_groups(session: boto3.Session, pool: str) -> set[str]:
    pages = session.client("cognito-idp").get_paginator("list_groups").paginate(UserPoolId=pool)
    return {each["GroupName"] for page in pages for each in page["Groups"]}
