"""What the production template says and MiniStack 1.5.33 cannot live with, changed after the stack is made.

Each is a gap of the stand-in, seen by asking it, and not of the template; whoever tests against embedded
AWS needs these too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import boto3

from portal.local.recipient_host import recipients_origin


def suit_embedded_aws(session: boto3.Session, outputs: Mapping[str, str]) -> None:
    """Safe to call again. `outputs` are those of the stack."""
    _allow_plain_http(session, outputs)
    _allow_mail(session, outputs)
    _allow_batches(session, outputs)
    _log_access(session, outputs)
    _allow_recipients_origin(session, outputs)


def _allow_plain_http(session: boto3.Session, outputs: Mapping[str, str]) -> None:
    """The bucket policies deny what does not come over TLS; embedded AWS speaks plain HTTP, on loopback."""
    s3 = session.client("s3")
    for output, bucket in outputs.items():
        if output.endswith("Bucket"):
            s3.delete_bucket_policy(Bucket=bucket)


def _allow_mail(session: boto3.Session, outputs: Mapping[str, str]) -> None:
    """The role may send from one identity and one address; MiniStack asks for ses:SendEmail on `*` and knows
    no ses:FromAddress. It refuses senders that are not verified, which leaves the one address."""
    _allow(session, outputs, "mail", "ses:SendEmail", "*")


def _allow_batches(session: boto3.Session, outputs: Mapping[str, str]) -> None:
    """Who may send a message to a queue may send several ("Actions, resources, and condition keys for Amazon
    SQS"); MiniStack asks for sqs:SendMessageBatch, which AWS has no action of that name for."""
    _allow(session, outputs, "batches", "sqs:SendMessageBatch", outputs["WorkQueueArn"])


def _allow(session: boto3.Session, outputs: Mapping[str, str], what: str, action: str, resource: str) -> None:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    session.client("iam").put_role_policy(
        RoleName=outputs["FunctionRoleArn"].rsplit("/", 1)[1],
        PolicyName=f"{what}-on-embedded-aws",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def _log_access(session: boto3.Session, outputs: Mapping[str, str]) -> None:
    """The template switches the access log on; MiniStack's CloudFormation passes over a bucket's logging."""
    session.client("s3").put_bucket_logging(
        Bucket=outputs["FilesBucket"],
        BucketLoggingStatus={
            "LoggingEnabled": {"TargetBucket": outputs["LogsBucket"], "TargetPrefix": "access/"}
        },
    )


def _allow_recipients_origin(session: boto3.Session, outputs: Mapping[str, str]) -> None:
    """The bucket answers scripts of the portal's origin; here that has two names (recipient_host.py)."""
    s3 = session.client("s3")
    rules = s3.get_bucket_cors(Bucket=outputs["FilesBucket"])["CORSRules"]
    for rule in rules:
        both = {name for own in rule["AllowedOrigins"] for name in (own, recipients_origin(own))}
        rule["AllowedOrigins"] = sorted(both)
    s3.put_bucket_cors(Bucket=outputs["FilesBucket"], CORSConfiguration={"CORSRules": rules})
