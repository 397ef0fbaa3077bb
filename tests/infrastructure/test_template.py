"""The infrastructure is data, and what protects it can be read from it."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

import pytest

from portal.aws.client.seal_keys import leaves_partition, seals_partition
from portal.config.parsing import ROLE_GROUPS

pytestmark = pytest.mark.requirement("R40")

Resources = dict[str, Any]
OWNED_BY_PEOPLE = {
    "FilesBucket",
    "LogsBucket",
    "RootsBucket",
    "Table",
    "AuditTable",
    "UserPool",
    "FunctionLogs",
    # Who is in a group is a fact about people.
    *("Admins", "Uploaders", "Sharers", "Requesters", "Deleters", "Readers", "Auditors"),
}


def find_of_type(resources: Resources, kind: str) -> Resources:
    return {name: one["Properties"] for name, one in resources.items() if one["Type"] == kind}


def statements(resources: Resources, role: str) -> list[dict[str, Any]]:
    policies = resources[role]["Properties"]["Policies"]
    return [one for policy in policies for one in policy["PolicyDocument"]["Statement"]]


def flat(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_every_bucket_is_private_and_encrypted(every_resource: Resources) -> None:
    """All four blocks of public access, no ACLs, encryption at rest."""
    for name, bucket in find_of_type(every_resource, "AWS::S3::Bucket").items():
        blocks = bucket["PublicAccessBlockConfiguration"]
        assert len(blocks) == 4, name
        assert all(value is True for value in blocks.values()), name
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}], name
        assert "ServerSideEncryptionConfiguration" in bucket["BucketEncryption"], name


def test_every_bucket_refuses_plain_http(every_resource: Resources) -> None:
    """TLS only, for the bucket and what is in it."""
    policies = {
        policy["Bucket"]["Ref"]: policy["PolicyDocument"]["Statement"]
        for policy in find_of_type(every_resource, "AWS::S3::BucketPolicy").values()
    }
    for bucket in find_of_type(every_resource, "AWS::S3::Bucket"):
        always = [one for one in policies[bucket] if "Fn::If" not in one]
        denied = [one for one in always if one["Effect"] == "Deny" and one["Action"] == "s3:*"]
        assert [one["Condition"] for one in denied] == [{"Bool": {"aws:SecureTransport": "false"}}], bucket
        assert len(denied[0]["Resource"]) == 2, bucket


@pytest.mark.requirement("R58")
def test_the_portal_hears_of_access_logs_and_may_read_nothing_else_of_them(resources: Resources) -> None:
    """The logs that S3 writes reach the queue, and the role reads those alone, beside its own exports."""
    (rule,) = resources["LogsBucket"]["Properties"]["NotificationConfiguration"]["QueueConfigurations"]
    assert rule["Filter"]["S3Key"]["Rules"] == [{"Name": "prefix", "Value": "access/"}]
    ours = [each for each in statements(resources, "FunctionRole") if "LogsBucket" in str(each["Resource"])]
    assert [(flat(each["Action"]), each["Resource"]["Fn::Sub"]) for each in ours] == [
        (["s3:GetObject"], "${LogsBucket.Arn}/access/*"),
        (["s3:GetObject", "s3:PutObject"], "${LogsBucket.Arn}/exports/*"),
        (["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "${LogsBucket.Arn}/personal-data/*"),
    ]


def test_only_our_own_pages_may_upload(resources: Resources) -> None:
    """CORS is exactly our origin with POST and PUT, and lets scripts read the ETag."""
    (rule,) = resources["FilesBucket"]["Properties"]["CorsConfiguration"]["CorsRules"]
    origin, earlier = rule["AllowedOrigins"]
    assert "PublicUrl" in str(origin)
    assert (earlier["Fn::If"][0], earlier["Fn::If"][2]) == ("Moves", {"Ref": "AWS::NoValue"})
    assert set(rule["AllowedMethods"]) == {"GET", "POST", "PUT"}
    assert "ETag" in rule["ExposedHeaders"]


@pytest.mark.requirement("R30", "R38")
def test_no_version_of_a_file_expires_by_itself(resources: Resources) -> None:
    """A share pins the version it shows; only abandoned parts and empty markers go by age."""
    bucket = resources["FilesBucket"]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    actions = {key for rule in bucket["LifecycleConfiguration"]["Rules"] for key in rule} - {"Id", "Status"}
    assert actions == {"AbortIncompleteMultipartUpload", "ExpiredObjectDeleteMarker"}


@pytest.mark.requirement("R38")
def test_abandoned_parts_go_long_after_any_live_upload(resources: Resources) -> None:
    """S3 counts from an upload's beginning, whether or not parts still come."""
    rules = resources["FilesBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (days,) = [
        each["AbortIncompleteMultipartUpload"] for each in rules if "AbortIncompleteMultipartUpload" in each
    ]
    assert days == {"DaysAfterInitiation": 30}


@pytest.mark.requirement("R28")
def test_the_files_bucket_is_watched(resources: Resources) -> None:
    """Access logs go to the second bucket, what is made to the queue. Of what is removed nobody needs to
    hear: the portal does that itself.
    """
    bucket = resources["FilesBucket"]["Properties"]
    assert bucket["LoggingConfiguration"]["DestinationBucketName"] == {"Ref": "LogsBucket"}
    events = {one["Event"] for one in bucket["NotificationConfiguration"]["QueueConfigurations"]}
    assert events == {"s3:ObjectCreated:*"}


@pytest.mark.parametrize("name", ["Table", "AuditTable"])
def test_a_table_survives_mistakes(resources: Resources, name: str) -> None:
    """Point-in-time recovery, deletion protection, on demand."""
    table = resources[name]["Properties"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] == {"Fn::If": ["Protected", True, False]}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_facts_may_run_out_and_records_never_do(resources: Resources) -> None:
    facts = resources["Table"]["Properties"]
    assert facts["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert "TimeToLiveSpecification" not in resources["AuditTable"]["Properties"]


@pytest.mark.requirement("R39")
def test_what_people_own_outlives_the_stack(resources: Resources) -> None:
    """Taking the portal down takes no file, fact, account or log with it."""
    for name in OWNED_BY_PEOPLE:
        assert resources[name]["DeletionPolicy"] == "RetainExceptOnCreate", name
        assert resources[name]["UpdateReplacePolicy"] == "Retain", name


# What AWS lets nobody narrow to a resource: the suppression list and the quota of emails are the account's, a
# scan on demand is of an object of S3.
WITHOUT_RESOURCE = (
    ["ses:DeleteSuppressedDestination"], ["ses:GetAccount"], ["guardduty:SendObjectMalwareScan"],
)  # fmt: skip


@pytest.mark.requirement("T15")
@pytest.mark.parametrize("role", ["FunctionRole", "PreSignUpRole", "ScanRole"])
def test_a_role_may_do_named_things_to_named_resources(resources: Resources, role: str) -> None:
    """No action with a star, and no resource that is not ours."""
    assert "ManagedPolicyArns" not in resources[role]["Properties"]
    for statement in statements(resources, role):
        if flat(statement["Action"]) in WITHOUT_RESOURCE:
            continue
        for action in flat(statement["Action"]):
            assert "*" not in action, f"{action}: name the actions that are needed"
        for resource in flat(statement["Resource"]):
            assert resource != "*", f"{statement.get('Sid')}: name the resource"
            assert isinstance(resource, dict), f"{statement.get('Sid')}: refer to the template's resource"


@pytest.mark.requirement("T15")
def test_the_role_may_send_traces_where_they_are_switched_on_alone(template: Resources) -> None:
    policy = template["Resources"]["TracesPolicy"]
    assert template["Conditions"][policy["Condition"]] == {"Fn::Equals": [{"Ref": "Traces"}, "on"]}
    assert template["Parameters"]["Traces"]["Default"] == "off"
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    assert policy["Properties"]["Roles"] == [{"Ref": "FunctionRole"}]


@pytest.mark.requirement("R75")
def test_the_role_may_use_recipients_identities_in_the_sandbox_alone(resources: Resources) -> None:
    """There SES asks for permission on both sides; the sender stays fixed either way."""
    (mail,) = [one for one in statements(resources, "FunctionRole") if one["Sid"] == "Mail"]
    (choice,) = [each for each in mail["Resource"] if "Fn::If" in each]
    name, in_sandbox, otherwise = choice["Fn::If"]
    assert (name, otherwise) == ("InMailSandbox", {"Ref": "AWS::NoValue"})
    assert str(in_sandbox["Fn::Sub"]).endswith(":identity/*")
    assert mail["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}}
    assert not [each for each in mail["Resource"] if "identity/*" in str(each) and each is not choice]


@pytest.mark.requirement("R65")
def test_the_role_may_add_to_the_audit_log_and_read_it_and_nothing_else(resources: Resources) -> None:
    about_log = [one for one in statements(resources, "FunctionRole") if "AuditTable" in str(one["Resource"])]
    allowed, denied = sorted(about_log, key=lambda one: one["Effect"])
    assert (allowed["Effect"], denied["Effect"]) == ("Allow", "Deny")
    assert set(allowed["Action"]) == {"dynamodb:PutItem", "dynamodb:Query"}
    assert {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"} == set(denied["Action"])
    assert "Condition" not in denied


@pytest.mark.requirement("R65")
def test_the_role_cannot_change_or_delete_seals(resources: Resources) -> None:
    (denied,) = [one for one in statements(resources, "FunctionRole") if one["Sid"] == "SealsAreAppendOnly"]
    assert denied["Effect"] == "Deny"
    assert {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"} == set(denied["Action"])
    (keys,) = denied["Condition"].values()
    covered = keys["dynamodb:LeadingKeys"]
    for pk in (seals_partition(3), leaves_partition("2026-02-03", 3)):
        assert any(fnmatch(pk, each) for each in covered)


@pytest.mark.requirement("R65")
def test_daily_roots_of_the_audit_log_are_locked(resources: Resources) -> None:
    """By the bucket itself: the role may only put, so it neither sets, shortens nor bypasses a lock. Access
    logs go elsewhere, since S3 delivers none to a bucket with Object Lock.
    """
    locked = {
        name
        for name, bucket in find_of_type(resources, "AWS::S3::Bucket").items()
        if "ObjectLockEnabled" in bucket
    }
    assert locked == {"RootsBucket"}
    bucket = resources["RootsBucket"]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {
        "Mode": {"Ref": "RootsLockMode"}, "Days": {"Ref": "RootsLockDays"},
    }  # fmt: skip
    assert "LifecycleConfiguration" not in bucket
    destinations = [
        each["LoggingConfiguration"]["DestinationBucketName"]["Ref"]
        for each in find_of_type(resources, "AWS::S3::Bucket").values() if "LoggingConfiguration" in each
    ]  # fmt: skip
    assert not locked & set(destinations)
    about_roots = [
        each for each in statements(resources, "FunctionRole") if "RootsBucket" in str(each["Resource"])
    ]
    assert [(flat(each["Action"]), each["Resource"]) for each in about_roots] == [
        (["s3:PutObject"], {"Fn::Sub": "${RootsBucket.Arn}/audit-roots/*"})
    ]


@pytest.mark.requirement("R12")
def test_every_role_has_its_group(resources: Resources) -> None:
    """And the function may put people into groups of this pool, but not sign in as one of them."""
    groups = find_of_type(resources, "AWS::Cognito::UserPoolGroup").values()
    named = [each["GroupName"] for each in groups]
    assert {each for each in named if isinstance(each, str)} == set(ROLE_GROUPS.values())
    (people,) = [one for one in statements(resources, "FunctionRole") if one["Sid"] == "People"]
    assert people["Resource"] == {"Fn::GetAtt": ["UserPool", "Arn"]}
    assert "cognito-idp:AdminAddUserToGroup" in people["Action"]
    assert not [each for each in people["Action"] if "SetUserPassword" in each or "Attributes" in each]


@pytest.mark.requirement("R5")
def test_people_have_long_passwords_and_confirmed_addresses(resources: Resources) -> None:
    """An address counts once its owner has shown that it is theirs."""
    pool = resources["UserPool"]["Properties"]
    assert pool["Policies"]["PasswordPolicy"]["MinimumLength"] >= 14
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool["AutoVerifiedAttributes"] == ["email"]
    assert pool["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] == {
        "Fn::If": ["SelfSignUp", False, True]
    }


@pytest.mark.requirement("R2", "R8")
def test_signing_in_is_by_code_with_a_secret_only(resources: Resources) -> None:
    """No implicit flow, exact addresses, tokens that can be revoked."""
    client = resources["UserPoolClient"]["Properties"]
    assert client["AllowedOAuthFlows"] == ["code"]
    scopes = "openid email profile aws.cognito.signin.user.admin"  # the last for second factors
    assert client["AllowedOAuthScopes"] == scopes.split()
    callback, earlier = client["CallbackURLs"]
    assert callback == {"Fn::Sub": "${PublicUrl}/login/callback"}
    while_it_moves = [{"Fn::Sub": "${EarlierUrl}/login/callback"}, {"Ref": "AWS::NoValue"}]
    assert earlier == {"Fn::If": ["Moves", *while_it_moves]}
    assert client["GenerateSecret"] is True
    assert client["EnableTokenRevocation"] is True
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert not [flow for flow in client["ExplicitAuthFlows"] if "PASSWORD" in flow]


@pytest.mark.requirement("R55", "T15")
def test_services_may_send_to_the_queue_for_this_account_only(resources: Resources) -> None:
    """Every service that may write into the queue or the topic is tied to a source of ours."""
    for name in ("EventsQueuePolicy", "FeedbackTopicPolicy"):
        for statement in resources[name]["Properties"]["PolicyDocument"]["Statement"]:
            assert "aws:Source" in str(statement["Condition"]), statement
