"""A first creation that fails can be repeated, and what an earlier stack left is no obstacle.

The first half reads the template as CloudFormation's rollback does; the second lets embedded AWS roll back.
"""

from __future__ import annotations

import boto3
import pytest

from infrastructure.change_sets import create_or_update_stack
from infrastructure.stack import StackFailed, stack_outputs
from portal.local.ministack import MiniStack
from tests.infrastructure.conftest import PARAMETERS
from tests.infrastructure.test_template import Resources

pytestmark = pytest.mark.requirement("R83")
# The property that names a resource within the account, by type. Without it CloudFormation makes a name up.
NAMES = {
    "AWS::S3::Bucket": "BucketName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SES::EmailIdentity": "EmailIdentity",
    "AWS::SES::ConfigurationSet": "Name",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Events::Rule": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Cognito::UserPoolDomain": "Domain",
}
# Any number of user pools may have one name, and each groups of the same names, so they are in nobody's way.
SHARED_NAMES = {"AWS::Cognito::UserPool", "AWS::Cognito::UserPoolGroup"}
PROTECTIONS = ("DeletionProtectionEnabled", "DeletionProtection")


def test_a_failed_creation_leaves_nothing_behind(resources: Resources) -> None:
    """`Retain` would keep what the rollback should remove; `RetainExceptOnCreate` tells the two apart."""
    left = [name for name, one in resources.items() if one.get("DeletionPolicy") in {"Retain", "Snapshot"}]
    assert not left


def test_nothing_is_protected_from_the_rollback(resources: Resources) -> None:
    """Protection is a switch of the template's, and the first creation leaves it off."""
    protected = {name for name, one in resources.items() if set(PROTECTIONS) & one["Properties"].keys()}
    assert protected == {"Table", "AuditTable", "UserPool"}
    for name in protected:
        (setting,) = [
            resources[name]["Properties"].get(each)
            for each in PROTECTIONS
            if each in resources[name]["Properties"]
        ]
        assert setting["Fn::If"][0] == "Protected"


def test_what_is_kept_and_has_a_name_can_be_adopted(resources: Resources) -> None:
    """The name is still taken once the stack is gone, so a new one must be able to do without making it."""
    for name, one in resources.items():
        if "DeletionPolicy" in one and one["Type"] not in SHARED_NAMES:
            assert one["Type"] in NAMES, f"{name}: say which property names a {one['Type']}"
            assert NAMES[one["Type"]] not in one["Properties"] or "Condition" in one, name


def protection_of(session: boto3.Session, outputs: dict[str, str]) -> tuple[bool, str]:
    table = session.client("dynamodb").describe_table(TableName=outputs["Table"])["Table"]
    pool = session.client("cognito-idp").describe_user_pool(UserPoolId=outputs["UserPool"])["UserPool"]
    return table.get("DeletionProtectionEnabled", False), pool["DeletionProtection"]


def list_named_resources(session: boto3.Session) -> list[str]:
    buckets = session.client("s3").list_buckets()["Buckets"]
    tables = session.client("dynamodb").list_tables()["TableNames"]
    pools = session.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    groups = session.client("logs").describe_log_groups()["logGroups"]
    return sorted(
        [each["Name"] for each in buckets] + tables
        + [each["Id"] for each in pools] + [each["logGroupName"] for each in groups]
    )  # fmt: skip


def test_it_is_made_after_it_could_not_be_made(embedded_aws: MiniStack) -> None:
    session = embedded_aws.session()
    parameters = {**PARAMETERS, "FunctionName": "portal-again", "MailFrom": "again@example.org"}
    pools, domain = (
        session.client("cognito-idp"),
        f"portal-again-{session.client('sts').get_caller_identity()['Account']}",
    )
    other = pools.create_user_pool(PoolName="somebody's")["UserPool"]["Id"]
    pools.create_user_pool_domain(Domain=domain, UserPoolId=other)  # in the way
    before = list_named_resources(session)
    for _ in range(2):
        with pytest.raises(StackFailed, match="UserPoolDomain"):
            create_or_update_stack(session, "portal-again-resources", {**parameters, "Protection": "on"})
        assert list_named_resources(session) == before
    pools.delete_user_pool_domain(Domain=domain, UserPoolId=other)
    create_or_update_stack(session, "portal-again-resources", {**parameters, "Protection": "on"})
    outputs = stack_outputs(session, "portal-again-resources")
    assert protection_of(session, outputs) == (True, "ACTIVE")


def test_it_is_protected_even_if_the_first_try_ended_half_way(embedded_aws: MiniStack) -> None:
    """As when the command is interrupted between the two: the next one, which names nothing, ends it."""
    session = embedded_aws.session()
    parameters = {**PARAMETERS, "FunctionName": "portal-half", "MailFrom": "half@example.org"}
    create_or_update_stack(session, "portal-half-resources", {**parameters, "Protection": "pending"})
    outputs = stack_outputs(session, "portal-half-resources")
    assert protection_of(session, outputs) == (False, "INACTIVE")
    create_or_update_stack(session, "portal-half-resources", {})
    assert protection_of(session, outputs) == (True, "ACTIVE")
    create_or_update_stack(session, "portal-half-resources", {"Protection": "off"})
    create_or_update_stack(session, "portal-half-resources", {})
    assert protection_of(session, outputs) == (False, "INACTIVE")


def test_a_new_stack_lives_with_what_the_last_one_left(embedded_aws: MiniStack) -> None:
    """Taken down and made again under the same name; the log group and a sender of the account's stay."""
    session, stack = embedded_aws.session(), "portal-return-resources"
    parameters = {**PARAMETERS, "FunctionName": "portal-return", "MailFrom": "return@example.org"}
    session.client("sesv2").create_email_identity(EmailIdentity="return@example.org")
    create_or_update_stack(session, stack, parameters)
    formation = session.client("cloudformation")
    formation.delete_stack(StackName=stack)
    formation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    assert "/aws/lambda/portal-return" in list_named_resources(session)
    create_or_update_stack(session, stack, parameters)
    create_or_update_stack(session, stack, {})
    assert stack_outputs(session, stack)["MailFrom"] == "return@example.org"
