"""What tests are made of: an environment, a clock to turn, and the portal on moto's AWS.

moto is not atomic and checks neither policies nor signatures: races and upload security are tested elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from typing import Any

from cfnlint.decode import cfn_yaml
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from infrastructure.stack import TEMPLATE
from portal.aws.client.calls import clients
from portal.bootstrap import Portal, build
from portal.config.settings import Config
from portal.domain.clock import SystemClock
from portal.web.app import create_app
from tests.moments import BEGINS

PUBLIC_URL = "https://files.example.org"
SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978"


def make_environment(**changes: str) -> dict[str, str]:
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
    """A clock that stands still until a test turns it, or something waits: no test depends on the true date,
    nor on how busy the machine is.
    """

    def __init__(self, now: datetime = BEGINS) -> None:
        self.now = now.astimezone(UTC)

    def __call__(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self.turn(seconds=seconds)

    def turn(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


class TrueClock(SystemClock):
    """The true time, which a test can turn ahead: for embedded AWS, which judges signatures by the true time
    and whose other callers need real time to finish.
    """

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return super().__call__() + self.ahead

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead.total_seconds()

    @property
    def now(self) -> datetime:
        return self()

    def turn(self, **by: float) -> datetime:
        self.ahead += timedelta(**by)
        return self()


class CompiledTemplates(BytecodeCache):
    """Templates compiled once a process, for every test's app."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


class CompiledRule(Rule):
    """A route whose functions that build its address are compiled once a process: nine tenths of what an app
    costs, and made from the rule alone.
    """

    builders: dict[Any, Any] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        key = (self.rule, repr(self.defaults), append_unknown)
        if key not in self.builders:
            self.builders[key] = super()._compile_builder(append_unknown)
        return self.builders[key]


Flask.url_rule_class = CompiledRule


@dataclass(frozen=True)
class Running:
    """A portal that tests drive: its services, its clock, and the app on top once a test asks for it."""

    portal: Portal
    clock: Clock | TrueClock

    @property
    def config(self) -> Config:
        return self.portal.config

    @cached_property
    def app(self) -> Flask:
        app = create_app(self.config, self.portal.services, self.portal.sessions)
        app.jinja_env.bytecode_cache = COMPILED
        return app


def make_running(clock: Clock, **changes: str) -> Running:
    """The whole portal from an environment, on a clock of the test's."""
    return Running(build(Config.from_env(make_environment(**changes)), clock), clock)


@cache
def table_properties(name: str = "Table") -> dict[str, Any]:
    """A table as production's template describes it."""
    properties = cfn_yaml.load(str(TEMPLATE))["Resources"][name]["Properties"]
    names = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    return {name: to_plain(properties[name]) for name in names}


def to_plain(value: Any) -> Any:
    """The template's own kinds of lists, maps and texts as Python's."""
    if isinstance(value, dict):
        return {str(key): to_plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [to_plain(each) for each in value]
    return str(value) if isinstance(value, str) else value


def make_resources(config: Config) -> None:
    """Tables, buckets and the sender's address, in whatever AWS is in force."""
    made = clients(config.region)
    made.get("dynamodb").create_table(TableName=config.table, **table_properties())
    made.get("dynamodb").create_table(TableName=config.audit_table, **table_properties("AuditTable"))
    s3 = made.get("s3")
    place: Any = {"LocationConstraint": config.region}
    for bucket in (config.files_bucket, config.logs_bucket):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    s3.put_bucket_versioning(Bucket=config.files_bucket, VersioningConfiguration={"Status": "Enabled"})
    made.get("sesv2").create_email_identity(EmailIdentity=config.mail_from)
