"""What tests are made of: an environment, a clock to turn, and the portal on moto's AWS.

moto is not atomic and checks neither policies nor signatures: races and upload security are tested elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any

from cfnlint.decode import cfn_yaml
from flask import Flask

from infrastructure.stack import TEMPLATE
from portal.aws.calls import clients
from portal.bootstrap import Portal, build
from portal.config import Config
from portal.web.app import create_app

PUBLIC_URL = "https://files.example.org"
SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978"


def environment(**changes: str) -> dict[str, str]:
    """A complete environment, with what a test changes in it."""
    return {
        "AWS_REGION": "eu-central-1",
        "PORTAL_PUBLIC_URL": PUBLIC_URL,
        "PORTAL_TABLE": "portal",
        "PORTAL_FILES_BUCKET": "portal-files",
        "PORTAL_LOGS_BUCKET": "portal-logs",
        "PORTAL_MAIL_FROM": "files@example.org",
        "PORTAL_OIDC_METADATA_URL": "https://id.example.org/.well-known/openid-configuration",
        "PORTAL_OIDC_CLIENT_ID": "portal-client",
        "PORTAL_OIDC_CLIENT_SECRET": "portal-client-secret",
        "PORTAL_SECRET_KEY": SECRET,
    } | changes


class Clock:
    """A clock that stands still until a test turns it. It begins at the true time, as tokens carry that."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@dataclass(frozen=True)
class Running:
    """A portal that tests drive: its services, its clock, and the app on top once a test asks for it."""

    portal: Portal
    clock: Clock

    @property
    def config(self) -> Config:
        return self.portal.config

    @cached_property
    def app(self) -> Flask:
        return create_app(self.config, self.portal.services, self.portal.sessions)


def running(clock: Clock, **changes: str) -> Running:
    """The whole portal from an environment, on a clock of the test's."""
    portal = build(Config.from_env(environment(**changes)))
    return Running(replace(portal, services=replace(portal.services, clock=clock)), clock)


@cache
def table_properties() -> dict[str, Any]:
    """The table as production's template describes it."""
    properties = cfn_yaml.load(str(TEMPLATE))["Resources"]["Table"]["Properties"]
    names = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    return {name: plain(properties[name]) for name in names}


def plain(value: Any) -> Any:
    """The template's own kinds of lists, maps and texts as Python's."""
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, str) else value


def make_resources(config: Config) -> None:
    """Table, buckets and the sender's address, in whatever AWS is in force."""
    made = clients(config.region)
    made.get("dynamodb").create_table(TableName=config.table, **table_properties())
    s3 = made.get("s3")
    place: Any = {"LocationConstraint": config.region}
    for bucket in (config.files_bucket, config.logs_bucket):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    s3.put_bucket_versioning(Bucket=config.files_bucket, VersioningConfiguration={"Status": "Enabled"})
    made.get("sesv2").create_email_identity(EmailIdentity=config.mail_from)
