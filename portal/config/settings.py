"""The configuration: one frozen object, read once from the environment, complete or the start fails.

The only reader of the environment in the portal; how one value is read stands in environment.py. README
documents every variable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from portal.config.parsing import (
    ROLE_GROUPS,
    ConfigurationError,
    colour,
    contacts,
    day,
    days,
    domains,
    mail_address,
    number,
    prices,
    quota,
    read_choice,
    require,
    role_groups,
    web_address,
)
from portal.domain.mail.email_message import plain_line
from portal.domain.people.permissions import read_roles
from portal.domain.people.person import Role
from portal.domain.policy.limits import OBJECT_BYTES, PART_BYTES_LEAST, SINGLE_POST_BYTES, Limits
from portal.domain.uploads.parts import MIB
from portal.domain.usage.prices import PriceTable

# What may be kept elsewhere than in the environment, where PORTAL_SECRETS_PARAMETER says.
SECRETS = ("PORTAL_SECRET_KEY", "PORTAL_SECRET_KEY_FALLBACKS", "PORTAL_OIDC_CLIENT_SECRET")
SHORTEST_SECRET = 32  # characters; 256 bits where they are random hexadecimal pairs, as `deploy` makes them


@dataclass(frozen=True)
class Config:
    """Everything the environment decides. Addresses have no trailing slash; see README for each variable."""

    public_url: str
    table: str
    audit_table: str
    files_bucket: str
    logs_bucket: str
    roots_bucket: str
    mail_from: str
    oidc_metadata_url: str
    oidc_client_id: str
    oidc_client_secret: str = field(repr=False)
    secret_keys: tuple[str, ...] = field(repr=False)
    region: str
    secret_key_made: date | None = None  # the day of the newest key
    endpoint_url: str = ""
    s3_endpoint_url: str = ""
    sign_out_url: str = ""
    mail_configuration_set: str = ""
    events_queue_arn: str = ""
    work_queue_arn: str = ""
    work_queue_url: str = ""
    feedback_topic_arn: str = ""
    dead_letters_url: str = ""
    reports_workgroup: str = ""
    reports_database: str = ""
    prices: PriceTable = field(default_factory=PriceTable)
    steps: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    admin_group: str = "admins"
    staff_group: str = ""
    role_groups: Mapping[Role, str] = field(default_factory=lambda: dict(ROLE_GROUPS))
    groups_claim: str = "cognito:groups"
    organisation_name: str = "File portal"
    logo_url: str = ""
    security_contacts: tuple[str, ...] = ()  # URIs
    accent_colour: str = "#2457d6"
    languages: tuple[str, ...] = ("en", "de")
    limits: Limits = field(default_factory=Limits)
    webhooks_on_loopback: bool = False
    log_level: str = "INFO"
    function_name: str = "portal"  # what its metrics are filed under; Lambda says it

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Config:
        """Read the environment. Raises ConfigurationError naming the first variable that is missing or
        malformed.
        """
        public_url = web_address(environ, "PORTAL_PUBLIC_URL")
        endpoint = environ.get("AWS_ENDPOINT_URL", "")
        return cls(
            public_url=public_url,
            table=require(environ, "PORTAL_TABLE"),
            audit_table=audit_table(environ),
            files_bucket=require(environ, "PORTAL_FILES_BUCKET"),
            logs_bucket=require(environ, "PORTAL_LOGS_BUCKET"),
            roots_bucket=environ.get("PORTAL_ROOTS_BUCKET", "") or require(environ, "PORTAL_LOGS_BUCKET"),
            mail_from=mail_address(environ, "PORTAL_MAIL_FROM"),
            oidc_metadata_url=web_address(environ, "PORTAL_OIDC_METADATA_URL"),
            oidc_client_id=require(environ, "PORTAL_OIDC_CLIENT_ID"),
            oidc_client_secret=require(environ, "PORTAL_OIDC_CLIENT_SECRET"),
            secret_keys=secrets(environ),
            region=region(environ),
            secret_key_made=day(environ, "PORTAL_SECRET_KEY_MADE"),
            endpoint_url=endpoint,
            s3_endpoint_url=environ.get("AWS_ENDPOINT_URL_S3", "") or endpoint,
            sign_out_url=web_address(environ, "PORTAL_SIGN_OUT_URL", optional=True),
            mail_configuration_set=environ.get("PORTAL_MAIL_CONFIGURATION_SET", ""),
            events_queue_arn=environ.get("PORTAL_EVENTS_QUEUE_ARN", ""),
            work_queue_arn=environ.get("PORTAL_WORK_QUEUE_ARN", ""),
            work_queue_url=web_address(environ, "PORTAL_WORK_QUEUE_URL", optional=True),
            feedback_topic_arn=environ.get("PORTAL_FEEDBACK_TOPIC_ARN", ""),
            dead_letters_url=web_address(environ, "PORTAL_DEAD_LETTERS_URL", optional=True),
            reports_workgroup=environ.get("PORTAL_REPORTS_WORKGROUP", "").strip(),
            reports_database=environ.get("PORTAL_REPORTS_DATABASE", "").strip(),
            prices=PriceTable(prices(environ, "PORTAL_PRICES")),
            steps=steps(environ),
            admin_group=environ.get("PORTAL_ADMIN_GROUP", "") or "admins",
            staff_group=environ.get("PORTAL_STAFF_GROUP", ""),
            role_groups=role_groups(environ, "PORTAL_ROLE_GROUPS"),
            groups_claim=environ.get("PORTAL_GROUPS_CLAIM", "").strip() or "cognito:groups",
            organisation_name=plain_line(environ.get("PORTAL_ORGANISATION_NAME", "")) or "File portal",
            logo_url=web_address(environ, "PORTAL_LOGO_URL", optional=True),
            security_contacts=contacts(environ, "PORTAL_SECURITY_CONTACT"),
            accent_colour=colour(environ, "PORTAL_ACCENT_COLOUR", "#2457d6"),
            languages=languages(environ),
            limits=limits(environ),
            webhooks_on_loopback=webhooks_on_loopback(environ),
            log_level=read_choice(environ, "PORTAL_LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
            function_name=environ.get("AWS_LAMBDA_FUNCTION_NAME", "") or "portal",
        )

    @property
    def groups(self) -> dict[Role, str]:
        """The groups that give roles, that of administrators among them."""
        return {**self.role_groups, Role.ADMIN: self.admin_group}

    def read_roles(self, groups: Iterable[str]) -> frozenset[Role]:
        """The roles that a person's groups give. Raises Forbidden where they let nobody in."""
        return read_roles(groups, self.admin_group, self.staff_group, self.role_groups)

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def host(self) -> str:
        """Host and port of the public address: the only Host a request may name (R19)."""
        return urlsplit(self.public_url).netloc

    @property
    def base_path(self) -> str:
        """The path the portal lives under, such as `/prod`; empty at the root (R21)."""
        return urlsplit(self.public_url).path.rstrip("/")


def audit_table(environ: Mapping[str, str]) -> str:
    """The audit log's table, which is never the main one: there the role may change and delete."""
    main = require(environ, "PORTAL_TABLE")
    name = environ.get("PORTAL_AUDIT_TABLE", "") or f"{main}-audit"
    if name == main:
        raise ConfigurationError("PORTAL_AUDIT_TABLE must name another table than PORTAL_TABLE.")
    return name


def secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The secret in use, then those it replaced, which still open what they made (R13)."""
    current = require(environ, "PORTAL_SECRET_KEY")
    older = [
        each.strip() for each in environ.get("PORTAL_SECRET_KEY_FALLBACKS", "").split(",") if each.strip()
    ]
    for name, value in [
        ("PORTAL_SECRET_KEY", current),
        *(("PORTAL_SECRET_KEY_FALLBACKS", each) for each in older),
    ]:
        if len(value) < SHORTEST_SECRET or len(set(value)) < 8:
            raise ConfigurationError(f"{name} must be at least {SHORTEST_SECRET} random characters.")
    return (current, *older)


def secrets_parameter(environ: Mapping[str, str]) -> str:
    """The parameter that holds the secrets; empty where the environment itself does."""
    return environ.get("PORTAL_SECRETS_PARAMETER", "").strip()


def add_secrets(environ: Mapping[str, str], text: str) -> dict[str, str]:
    """The environment with the secrets of a parameter's text, an object of texts in JSON; what the
    environment has itself counts. Raises ConfigurationError where the text is something else.
    """
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise ConfigurationError("What PORTAL_SECRETS_PARAMETER names must be an object of texts in JSON.")
    return {name: found[name] for name in SECRETS if name in found} | dict(environ)


def webhooks_on_loopback(environ: Mapping[str, str]) -> bool:
    """Only where the portal itself is on this machine: elsewhere its own ports are nobody's to call."""
    found = read_choice(environ, "PORTAL_WEBHOOKS_ON_LOOPBACK", ("off", "on")) == "on"
    if found and not require(environ, "PORTAL_PUBLIC_URL").startswith("http://"):
        raise ConfigurationError("PORTAL_WEBHOOKS_ON_LOOPBACK is for a portal on this machine alone.")
    return found


def region(environ: Mapping[str, str]) -> str:
    value = environ.get("AWS_REGION", "") or environ.get("AWS_DEFAULT_REGION", "")
    if not re.fullmatch(r"[a-z]{2,}(-[a-z]+)+-\d+", value):
        raise ConfigurationError("AWS_REGION must name a region such as eu-central-1.")
    return value


def steps(environ: Mapping[str, str]) -> dict[str, dict[str, tuple[str, ...]]]:
    """`{"share": {"authorize": ["acme.rules:partner_domains_only"]}}`; names are resolved by
    `bootstrap.py`.
    """
    text = environ.get("PORTAL_STEPS", "") or "{}"
    try:
        found = json.loads(text)
        return {
            str(workflow): {str(stage): tuple(map(str, names)) for stage, names in stages.items()}
            for workflow, stages in found.items()
        }
    except (ValueError, AttributeError, TypeError) as problem:
        raise ConfigurationError(
            'PORTAL_STEPS must be JSON such as {"share": {"authorize": ["a.b:c"]}}.'
        ) from problem


def languages(environ: Mapping[str, str]) -> tuple[str, ...]:
    value = environ.get("PORTAL_LANGUAGES", "") or "en,de"
    found = tuple(each.strip() for each in value.split(","))
    if not found or not all(re.fullmatch(r"[a-z]{2,3}", each) for each in found):
        raise ConfigurationError(
            "PORTAL_LANGUAGES must list languages such as en,de; the first is the default."
        )
    return found


def limits(environ: Mapping[str, str]) -> Limits:
    return Limits(
        max_file_bytes=number(environ, "PORTAL_MAX_FILE_BYTES", OBJECT_BYTES, 1, OBJECT_BYTES),
        max_person_bytes=quota(environ, "PORTAL_MAX_PERSON_BYTES"),
        max_person_files=quota(environ, "PORTAL_MAX_PERSON_FILES"),
        max_total_bytes=quota(environ, "PORTAL_MAX_TOTAL_BYTES"),
        max_total_files=quota(environ, "PORTAL_MAX_TOTAL_FILES"),
        post_bytes=number(environ, "PORTAL_POST_BYTES", 64 * MIB, 1, SINGLE_POST_BYTES),
        part_bytes=number(environ, "PORTAL_PART_BYTES", 8 * MIB, PART_BYTES_LEAST, SINGLE_POST_BYTES // 8),
        max_files_per_share=number(environ, "PORTAL_MAX_FILES_PER_SHARE", 40, 1, 40),
        max_recipients=number(environ, "PORTAL_MAX_RECIPIENTS", 500, 1, 500),
        max_share_days=number(environ, "PORTAL_MAX_SHARE_DAYS", 90, 1, 3650),
        default_share_days=number(environ, "PORTAL_DEFAULT_SHARE_DAYS", 7, 1, 3650),
        file_days=number(environ, "PORTAL_FILE_DAYS", 90, 1, 36500),
        trash_days=number(environ, "PORTAL_TRASH_DAYS", 14, 1, 365),
        reminder_days=days(environ, "PORTAL_REMINDER_DAYS", "2"),
        max_mails_a_day=number(environ, "PORTAL_MAX_MAILS_A_DAY", 500, 1, 1_000_000),
        allowed_recipients=domains(environ, "PORTAL_ALLOWED_DOMAINS") or None,
        blocked_recipients=domains(environ, "PORTAL_BLOCKED_DOMAINS"),
        scan_required=read_choice(environ, "PORTAL_SCAN_REQUIRED", ("off", "on")) == "on",
        unscanned_allowed=read_choice(environ, "PORTAL_UNSCANNED", ("block", "allow")) == "allow",
        scan_hours=number(environ, "PORTAL_SCAN_HOURS", 24, 1, 720),
    )
