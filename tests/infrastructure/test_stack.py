"""The stack on embedded AWS: it is made, found again, changed, and its role may do what the portal does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infrastructure.change_sets import create_or_update_stack
from infrastructure.stack import (
    StackFailed,
    environment_from_stack,
    portal_environment,
    stack_outputs,
)
from portal.config.settings import Config
from portal.local.ministack import MiniStack
from tests.infrastructure.conftest import PARAMETERS, STACK, Stack

DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}


def is_refused(call: Callable[..., Any], **arguments: Any) -> bool:
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] in DENIED
    return False


@pytest.mark.requirement("R64")
def test_the_stack_is_all_the_portal_needs_but_its_secret_key(stack: Stack) -> None:
    """What the stack says makes a complete configuration."""
    environment = environment_from_stack(stack.root, STACK)
    key = "one secret key that is long enough for the portal"
    config = Config.from_env({**environment, "PORTAL_SECRET_KEY": key, "AWS_REGION": "eu-central-1"})
    assert config.table == stack.outputs["Table"]
    assert config.audit_table == stack.outputs["AuditTable"] != config.table
    assert config.oidc_client_secret


@pytest.mark.requirement("I7")
def test_making_it_again_changes_nothing(stack: Stack) -> None:
    """The command can be repeated, and what is not given stays as it was."""
    create_or_update_stack(stack.root, STACK, PARAMETERS)
    create_or_update_stack(stack.root, STACK, {})
    assert stack_outputs(stack.root, STACK) == stack.outputs


def test_a_parameter_that_is_changed_arrives(embedded_aws: MiniStack) -> None:
    session = embedded_aws.session()
    parameters = {**PARAMETERS, "FunctionName": "portal-moving"}
    create_or_update_stack(session, "portal-moving-resources", parameters)
    create_or_update_stack(
        session, "portal-moving-resources", {"PublicUrl": "https://files.example.org/portal"}
    )
    outputs = stack_outputs(session, "portal-moving-resources")
    (rule,) = session.client("s3").get_bucket_cors(Bucket=outputs["FilesBucket"])["CORSRules"]
    assert rule["AllowedOrigins"] == ["https://files.example.org"]
    assert outputs["PublicUrl"] == "https://files.example.org/portal"
    assert outputs["MailFrom"] == PARAMETERS["MailFrom"]


def test_whom_to_tell_of_a_hole_arrives_in_the_environment(embedded_aws: MiniStack) -> None:
    """Without one the variable is not set, so that one in zappa_settings.json counts."""
    session, name = embedded_aws.session(), "portal-told-resources"
    create_or_update_stack(session, name, {**PARAMETERS, "FunctionName": "portal-told"})
    assert "PORTAL_SECURITY_CONTACT" not in environment_from_stack(session, name)
    create_or_update_stack(session, name, {"SecurityContact": "security@example.org"})
    assert environment_from_stack(session, name)["PORTAL_SECURITY_CONTACT"] == "security@example.org"


@pytest.mark.requirement("R40")
def test_a_stack_that_cannot_be_made_says_why(embedded_aws: MiniStack) -> None:
    """Plain http is for loopback only, and the refusal names the parameter."""
    parameters = {**PARAMETERS, "PublicUrl": "http://files.example.org"}
    with pytest.raises(StackFailed, match="PublicUrl"):
        create_or_update_stack(embedded_aws.session(), "portal-plain-resources", parameters)


def test_a_stack_that_lacks_a_parameter_says_which(embedded_aws: MiniStack) -> None:
    parameters = {"FunctionName": "portal-bare", "PublicUrl": "https://files.example.org"}
    with pytest.raises(StackFailed, match="MailFrom"):
        create_or_update_stack(embedded_aws.session(), "portal-bare-resources", parameters)


@pytest.mark.requirement("R8")
def test_on_aws_the_sign_out_page_is_on_the_pools_own_host(stack: Stack) -> None:
    """The metadata is Cognito's, the page the hosted UI's."""
    environment = portal_environment(
        stack.outputs, "secret", "https://cognito-idp.eu-central-1.amazonaws.com"
    )
    pool = stack.outputs["UserPool"]
    assert environment["PORTAL_OIDC_METADATA_URL"] == (
        f"https://cognito-idp.eu-central-1.amazonaws.com/{pool}/.well-known/openid-configuration"
    )
    assert environment["PORTAL_SIGN_OUT_URL"] == f"https://{stack.outputs['SignInDomain']}/logout"


@pytest.mark.requirement("R40")
def test_the_role_reaches_its_own_files_only(stack: Stack) -> None:
    """Objects below files/ of one bucket, and no other."""
    s3 = stack.role.client("s3")
    bucket = stack.outputs["FilesBucket"]
    s3.put_object(Bucket=bucket, Key="files/somebody/something", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key="files/somebody/something")["Body"].read() == b"x"
    assert is_refused(s3.put_object, Bucket=bucket, Key="elsewhere", Body=b"x")
    assert is_refused(s3.put_object, Bucket=stack.outputs["LogsBucket"], Key="access/forged", Body=b"x")
    assert is_refused(s3.put_object, Bucket=stack.outputs["RootsBucket"], Key="elsewhere", Body=b"x")
    assert is_refused(s3.delete_bucket, Bucket=bucket)


@pytest.mark.requirement("R40", "T15")
def test_the_role_is_no_administrator(stack: Stack) -> None:
    """It cannot change the table, set anyone's password or read its own rights."""
    assert is_refused(stack.role.client("dynamodb").delete_table, TableName=stack.outputs["Table"])
    cognito, pool = stack.role.client("cognito-idp"), {"UserPoolId": stack.outputs["UserPool"]}
    cognito.list_users(**pool)
    password = {"Username": "ana@example.org", "Password": "Long-enough-1", "Permanent": True}
    assert is_refused(cognito.admin_set_user_password, **pool, **password)
    assert is_refused(cognito.create_group, **pool, GroupName="admins2")
    assert is_refused(stack.role.client("iam").list_roles)
    assert is_refused(stack.role.client("ssm").get_parameter, Name="/portal-test/secret-key")


@pytest.mark.requirement("R65")
def test_the_role_may_add_to_the_audit_log_and_read_it_and_nothing_else(stack: Stack) -> None:
    """By itself, and in the transaction of a change of the other table."""
    table, log = stack.outputs["Table"], stack.outputs["AuditTable"]
    database, key = stack.role.client("dynamodb"), {"pk": {"S": "AUDIT#2026-11-30#1"}, "sk": {"S": "mark"}}
    put = {"TableName": log, "Item": key, "ConditionExpression": "attribute_not_exists(pk)"}
    fact = {"TableName": table, "Item": {"pk": {"S": "FACT"}, "sk": {"S": "1"}}}
    database.transact_write_items(TransactItems=[{"Put": fact}, {"Put": put}])
    database.put_item(**put | {"Item": key | {"sk": {"S": "other"}}})
    asked = {"TableName": log, "KeyConditionExpression": "pk = :pk"}
    assert database.query(**asked, ExpressionAttributeValues={":pk": key["pk"]})["Count"] == 2
    assert is_refused(database.get_item, TableName=log, Key=key)
    assert is_refused(database.scan, TableName=log)
    assert is_refused(database.delete_item, TableName=log, Key=key)
    assert is_refused(database.update_item, TableName=log, Key=key, UpdateExpression="REMOVE about")
    gone = {"Delete": {"TableName": log, "Key": key}}
    assert is_refused(database.transact_write_items, TransactItems=[gone])
    again = {"PutRequest": {"Item": key}}
    assert is_refused(database.batch_write_item, RequestItems={log: [again]})


@pytest.mark.requirement("R28")
def test_bucket_events_reach_the_queue(stack: Stack) -> None:
    """The queue hears of a new object, without anyone asking."""
    sqs = stack.root.client("sqs")
    stack.root.client("s3").put_object(Bucket=stack.outputs["FilesBucket"], Key="files/a/new", Body=b"x")
    bodies = []
    for _ in range(20):
        found = sqs.receive_message(QueueUrl=queue_url(sqs, stack), MaxNumberOfMessages=10, WaitTimeSeconds=1)
        bodies += [message["Body"] for message in found.get("Messages", [])]
        if any("files/a/new" in body for body in bodies):
            return
    raise AssertionError(f"The queue never heard of files/a/new, only of: {bodies}")


@pytest.mark.requirement("R40", "R77")
def test_the_role_plans_work_and_makes_up_no_events(stack: Stack) -> None:
    root, sqs, message = stack.root.client("sqs"), stack.role.client("sqs"), [{"Id": "0", "MessageBody": "x"}]
    work = queue_url(root, stack, "WorkQueueArn")
    assert len(sqs.send_message_batch(QueueUrl=work, Entries=message)["Successful"]) == 1
    assert len(sqs.receive_message(QueueUrl=work, WaitTimeSeconds=1)["Messages"]) == 1
    events = queue_url(root, stack)
    assert is_refused(sqs.send_message_batch, QueueUrl=events, Entries=message)
    assert is_refused(sqs.send_message, QueueUrl=events, MessageBody="x")


def queue_url(sqs: Any, stack: Stack, output: str = "EventsQueueArn") -> str:
    return str(sqs.get_queue_url(QueueName=stack.outputs[output].rsplit(":", 1)[1])["QueueUrl"])
