"""Embedded AWS: real policies, state that survives, and no process left behind."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from portal.local import processes
from portal.local.ministack import MiniStack
from portal.local.processes import CannotStart

WHO_AM_I = """
import boto3, json, os
from botocore.exceptions import ClientError
def refused(call, **arguments):
    try: call(**arguments)
    except ClientError as error: return error.response["Error"]["Code"]
print(json.dumps({
    "who": boto3.client("sts").get_caller_identity()["Arn"],
    "list": refused(boto3.client("s3").list_buckets),
    "make": refused(boto3.client("s3").create_bucket, Bucket="not-allowed",
                    CreateBucketConfiguration={"LocationConstraint": os.environ["AWS_REGION"]}),
    "keys": [name for name in os.environ if "ACCESS_KEY" in name],
}))
"""


def make_role(aws: MiniStack, actions: list[str]) -> str:
    """A role that a Lambda may take on and that may do `actions`; its ARN."""
    iam, name = aws.session().client("iam"), f"role-{uuid4().hex}"
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    allow = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps({"Statement": [allow]}))
    return str(role["Role"]["Arn"])


@pytest.mark.requirement("R40")
def test_a_program_in_the_role_environment_may_do_what_the_role_may_and_no_more(aws: MiniStack) -> None:
    """The portal runs locally with the rights it has in production, and holds no other key."""
    environment = aws.role_environment(make_role(aws, ["s3:ListAllMyBuckets"]))
    result = subprocess.run(
        [sys.executable, "-c", WHO_AM_I], env=environment, capture_output=True, text=True, check=True
    )
    answer = json.loads(result.stdout)
    assert ":assumed-role/role-" in answer["who"]
    assert (answer["list"], answer["make"], answer["keys"]) == (None, "AccessDenied", [])


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    """Files and shares survive a restart of the local portal."""
    with MiniStack(tmp_path) as aws:
        s3 = aws.session().client("s3")
        s3.create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        s3.put_object(Bucket="kept", Key="file", Body=b"bytes")
    with MiniStack(tmp_path) as aws:
        assert aws.session().client("s3").get_object(Bucket="kept", Key="file")["Body"].read() == b"bytes"


@pytest.mark.requirement("R35")
def test_a_version_is_read_as_s3_reads_it(aws: MiniStack) -> None:
    """A pinned version comes as an attachment under its name, and in parts where parts are asked for."""
    s3 = aws.session().client("s3")
    s3.create_bucket(Bucket="pinned", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket="pinned", VersioningConfiguration={"Status": "Enabled"})
    pinned = {"Bucket": "pinned", "Key": "file"}
    pinned["VersionId"] = s3.put_object(Bucket="pinned", Key="file", Body=b"first")["VersionId"]
    s3.put_object(Bucket="pinned", Key="file", Body=b"second")
    whole = s3.get_object(**pinned, ResponseContentDisposition="attachment", ResponseContentType="x/y")
    assert (whole["ContentDisposition"], whole["ContentType"]) == ("attachment", "x/y")
    assert whole["Body"].read() == b"first"
    part = s3.get_object(**pinned, Range="bytes=1-2")
    assert (part["Body"].read(), part["ContentRange"]) == (b"ir", "bytes 1-2/5")


def test_two_on_one_folder_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would overwrite each other's state when they end."""
    monkeypatch.setattr(processes, "LOCK_SECONDS", 0.2)
    with MiniStack(tmp_path), pytest.raises(CannotStart, match="Another portal is running"):
        MiniStack(tmp_path).__enter__()


def test_it_is_reachable_from_this_machine_only(aws: MiniStack) -> None:
    """Whoever is on the same network must not get at the local portal's files."""
    table = Path("/proc/net/tcp").read_text() if Path("/proc/net/tcp").exists() else ""
    listening = {line.split()[1] for line in table.splitlines()[1:] if line.split()[3] == "0A"}
    mine = {address for address in listening if int(address.split(":")[1], 16) == aws.port}
    assert not table or mine == {f"0100007F:{aws.port:04X}"}
