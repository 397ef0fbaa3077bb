"""The composition root: a configuration becomes services, and services become what the entry points serve."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from portal.aws.athena.query_service import AthenaService
from portal.aws.client.calls import clients
from portal.aws.client.cursors import Cursors
from portal.aws.client.export_keys import (
    data_export_key,
    export_key,
    waiting_data_exports_key,
    waiting_exports_key,
)
from portal.aws.client.table import Table
from portal.aws.cognito.directory import CognitoDirectory, find_pool
from portal.aws.guardduty.scanner import Scanner
from portal.aws.s3.access_logs import AccessLogs
from portal.aws.s3.export_store import ExportStore
from portal.aws.s3.file_store import Objects
from portal.aws.s3.parts_store import Parts
from portal.aws.s3.report_results import ReportResults
from portal.aws.s3.root_store import RootStore
from portal.aws.ses.mailer import Mailer
from portal.aws.sqs.dead_letters import DeadLetters
from portal.aws.sqs.work_queue import WorkQueue
from portal.aws.ssm.parameter_store import NotReadable, ParameterStore
from portal.aws.tables.access_requests_table import AccessRequests
from portal.aws.tables.access_tokens_table import AccessTokens
from portal.aws.tables.account_problems import MailTroubles
from portal.aws.tables.audit_log import AuditLog
from portal.aws.tables.codes_table import Codes
from portal.aws.tables.downloads_table import Downloads
from portal.aws.tables.drafts_table import Drafts
from portal.aws.tables.due import DueTimes
from portal.aws.tables.everyone_table import Everyone
from portal.aws.tables.exports_table import Exports
from portal.aws.tables.file_access import FileAccess
from portal.aws.tables.file_endings import FileEndings
from portal.aws.tables.file_shares import FileShares
from portal.aws.tables.files_table import Files
from portal.aws.tables.following_table import Following
from portal.aws.tables.groups_table import Groups
from portal.aws.tables.handovers_table import Handovers
from portal.aws.tables.holds import Holds
from portal.aws.tables.known_addresses_table import KnownAddresses
from portal.aws.tables.lanes_table import Lanes
from portal.aws.tables.mail_counts import MailCounts
from portal.aws.tables.outbox import Outbox
from portal.aws.tables.people import People
from portal.aws.tables.people_administration import PeopleAdministration
from portal.aws.tables.personal_data import PersonalData
from portal.aws.tables.policies_table import Policies
from portal.aws.tables.quotas import Quotas
from portal.aws.tables.rates_table import Rates
from portal.aws.tables.reports_table import ReportNames, Reports
from portal.aws.tables.scans_table import Scans
from portal.aws.tables.seals_table import Seals
from portal.aws.tables.service_accounts_table import ServiceAccounts
from portal.aws.tables.sessions import Sessions
from portal.aws.tables.share_changes import ShareChanges
from portal.aws.tables.shared_files import SharedFiles
from portal.aws.tables.shares_table import Shares
from portal.aws.tables.spreads_table import Spreads
from portal.aws.tables.suppressed_table import SuppressionList
from portal.aws.tables.usage_mending import UsageMending
from portal.aws.tables.usage_table import UsageTable
from portal.config.parsing import ConfigurationError
from portal.config.settings import Config, add_secrets, region, secrets_parameter
from portal.domain.audit.exports import AuditExport
from portal.domain.clock import Clock, SystemClock
from portal.domain.errors import Unavailable
from portal.domain.links.codes import CodeKeys
from portal.domain.links.tokens import LinkKeys
from portal.domain.mail.unsubscribe_tokens import SwitchKeys
from portal.domain.people.data_exports import DataExport
from portal.domain.uploads.upload_keys import UploadKeys
from portal.engine.services import Services
from portal.engine.workflow import Stage
from portal.mail.rendering import MailRenderer

WORKFLOWS = {
    "reserve", "sign_parts", "sign_form", "complete", "cancel_upload",
    "share", "open_link", "download", "own_download", "withdraw",
    "withdraw_recipient", "change_share", "add_recipients", "correct_address", "send_again",
    "rename", "keep", "copy", "trash",
    "restore", "purge", "sign_out_everywhere", "close_account", "ask_for_more", "give_more", "decline_more",
    "send_code", "confirm_address", "enter_password", "own_preview",
    "switch_mails", "unsubscribe", "make_group", "change_group", "delete_group", "forget_addresses",
    "make_organisation_group", "change_organisation_group", "delete_organisation_group", "take_out_address",
    "release_address", "resend_failed", "save_draft", "throw_away_draft", "send_when_ready",
    "stop_sending", "return_draft", "change_policy", "restore_policy",
    "hand_over", "give_back", "set_hold", "release_hold", "export_audit", "fetch_export",
    "rescan", "ask_release", "confirm_release", "decline_release", "delete_quarantined",
    "disable_person", "enable_person", "sign_out_person", "change_roles", "invite_again", "invite_person",
    "reset_password", "reset_second_factor", "set_quota", "delete_person", "end_session",
    "make_token", "revoke_token", "make_service_account", "make_service_token", "revoke_service_token",
    "add_second_factor", "export_data", "fetch_data",
    "start_report", "cancel_report", "fetch_report",
    "make_webhook", "change_webhook", "delete_webhook", "rotate_webhook", "test_webhook",
    "send_webhook_again",
}  # fmt: skip


class Late:
    """Stands for a service until something of it is asked for, and then passes on to it."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Any:
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


@dataclass(frozen=True)
class Portal:
    """What an entry point needs: the configuration, the services and the session store."""

    config: Config
    services: Services
    sessions: Sessions


class SecretsUnavailable(Exception):
    """What keeps the secrets does not answer just now; the next try may go better."""


def read_config(environ: Mapping[str, str]) -> Config:
    """The configuration, with what the environment says is kept in Parameter Store: one call. Raises
    ConfigurationError, and SecretsUnavailable where that does not answer just now.
    """
    name = secrets_parameter(environ)
    if not name:
        return Config.from_env(environ)
    try:
        text = ParameterStore(clients(region(environ))).read(name)
    except Unavailable as problem:
        raise SecretsUnavailable(f"{name} cannot be read just now") from problem
    except NotReadable as problem:
        raise ConfigurationError(f"PORTAL_SECRETS_PARAMETER names {name}: {problem}.") from problem
    return Config.from_env(add_secrets(environ, text))


def build(config: Config, clock: Clock | None = None) -> Portal:
    """Wire everything. Makes no call; clients are made when first needed. Raises ConfigurationError."""
    clock, made = clock or SystemClock(), clients(config.region, config.s3_endpoint_url)
    table, cursors = Table(made, config.table, clock, config.audit_table), Cursors(config.secret_keys)
    shares, policies, quotas = Shares(table, cursors), Policies(table, cursors), Quotas(table, config.limits)
    log = Table(made, config.audit_table, clock)
    services = Services(
        files=Files(table, cursors, quotas), quotas=quotas,
        shares=shares,
        changes=ShareChanges(table, shares),
        downloads=Downloads(table), following=Following(table),
        file_access=FileAccess(table),
        scans=Scans(table, cursors), scanner=Scanner(made, config.files_bucket),
        file_shares=FileShares(table, cursors), shared_files=SharedFiles(table, cursors),
        file_endings=FileEndings(table, cursors),
        drafts=Drafts(table), spreads=Spreads(table), outbox=Outbox(table),
        access_requests=AccessRequests(table),
        mail_counts=MailCounts(table), mail_troubles=MailTroubles(table), rates=Rates(table),
        audit=AuditLog(table, log, cursors), personal_data=PersonalData(table, log),
        objects=Objects(made, config.files_bucket),
        access_logs=AccessLogs(made, config.logs_bucket), exports=ExportStore(made, config.logs_bucket),
        parts=Parts(made, config.files_bucket),
        mailer=Mailer(made, config.mail_from, config.mail_configuration_set),
        suppression_list=SuppressionList(table, cursors),
        people=People(table, made, find_pool(config.oidc_metadata_url)),
        people_administration=PeopleAdministration(table, cursors),
        access_tokens=AccessTokens(table, policies), service_accounts=ServiceAccounts(table),
        switches=SwitchKeys.from_secrets(config.secret_keys),
        directory=CognitoDirectory(made, cursors, config.oidc_metadata_url, config.groups),
        mail_renderer=MailRenderer.from_config(config),
        links=LinkKeys.from_secrets(config.secret_keys),
        codes=Codes(table), code_keys=CodeKeys.from_secrets(config.secret_keys),
        groups=Groups(table), known=KnownAddresses(table),
        upload_keys=UploadKeys.from_secrets(config.secret_keys),
        due_times=DueTimes(table), lanes=Lanes(table), work_queue=WorkQueue(made, config.work_queue_url),
        everyone=Everyone(table, cursors), handovers=Handovers(table, quotas), holds=Holds(table, cursors),
        audit_exports=make_audit_exports(table), data_exports=make_data_exports(table),
        usage=UsageTable(table), usage_mending=UsageMending(table),
        reports=Reports(table, cursors), report_names=ReportNames(table),
        query_service=AthenaService(made, config.reports_workgroup, config.reports_database),
        report_results=ReportResults(made, config.logs_bucket), prices=config.prices,
        dead_letters=DeadLetters(made, config.dead_letters_url),
        policies=policies, environment_limits=config.limits, limits=config.limits,
        seals=Seals(table), root_store=RootStore(made, config.roots_bucket),
        **make_webhook_services(config, table, cursors),
        read_roles=config.read_roles,
        link_address=lambda token: f"{config.public_url}/d/{token}", clock=clock,
        extra_steps=extra_steps(config.steps), secret_key_made=config.secret_key_made,
    )  # fmt: skip
    return Portal(config, services, Sessions(table, policies))


def make_webhook_services(config: Config, table: Table, cursors: Cursors) -> dict[str, Any]:
    """What no partner's page needs, and so no cold start imports; made when something asks for it."""

    def load(module: str, name: str) -> Any:
        return getattr(importlib.import_module(f"portal.{module}"), name)

    return {
        "webhooks": Late(lambda: load("aws.tables.webhooks_table", "Webhooks")(table)),
        "deliveries": Late(lambda: load("aws.tables.deliveries_table", "Deliveries")(table, cursors)),
        "webhook_poster": Late(lambda: load("outbound.poster", "WebhookPoster")(config.webhooks_on_loopback)),
        "webhook_keys": Late(
            lambda: load("domain.webhooks.signatures", "WebhookKeys").from_secrets(config.secret_keys)
        ),
    }


def make_audit_exports(table: Table) -> Exports[AuditExport]:
    return Exports(table, AuditExport, "export", export_key, waiting_exports_key)


def make_data_exports(table: Table) -> Exports[DataExport]:
    return Exports(table, DataExport, "data_export", data_export_key, waiting_data_exports_key)


def extra_steps(named: Mapping[str, Mapping[str, tuple[str, ...]]]) -> dict[str, dict[str, tuple[Any, ...]]]:
    """A deployer's steps, resolved at the start; an unknown workflow, stage or name stops it."""
    for workflow, stages in named.items():
        if workflow not in WORKFLOWS:
            raise ConfigurationError(
                f"PORTAL_STEPS names the workflow {workflow!r}; there is none of this name."
            )
        for stage in stages:
            if stage not in set(Stage):
                raise ConfigurationError(
                    f"PORTAL_STEPS names the stage {stage!r} of {workflow}; there is none."
                )
    return {
        workflow: {stage: tuple(map(resolve, names)) for stage, names in stages.items()}
        for workflow, stages in named.items()
    }


def resolve(name: str) -> Any:
    """The function that `package.module:name` stands for."""
    module, _, attribute = name.partition(":")
    try:
        step = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as problem:
        raise ConfigurationError(
            f"PORTAL_STEPS names {name!r}, which cannot be imported: {problem}."
        ) from problem
    if not callable(step):
        raise ConfigurationError(f"PORTAL_STEPS names {name!r}, which is no function.")
    return step
