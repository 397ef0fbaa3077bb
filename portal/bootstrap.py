"""The composition root: a configuration becomes services, and services become what the entry points serve."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from portal.aws.access_logs import AccessLogs
from portal.aws.asks_table import Asks
from portal.aws.audit_log import AuditLog
from portal.aws.calls import clients
from portal.aws.codes_table import Codes
from portal.aws.cursors import Cursors
from portal.aws.drafts_table import Drafts
from portal.aws.file_store import Objects
from portal.aws.files_table import Files
from portal.aws.groups_table import Groups
from portal.aws.known_table import KnownAddresses
from portal.aws.mail_counts import MailCounts
from portal.aws.mailer import Mailer
from portal.aws.outbox import Outbox
from portal.aws.parts_store import Parts
from portal.aws.people import People
from portal.aws.quotas import Quotas
from portal.aws.rates_table import Rates
from portal.aws.sessions import Sessions
from portal.aws.share_changes import ShareChanges
from portal.aws.shares_table import Shares
from portal.aws.suppressed_table import Suppressed
from portal.aws.table import Table
from portal.config import Config
from portal.domain.codes import CodeKeys
from portal.domain.links import LinkKeys
from portal.domain.switches import SwitchKeys
from portal.domain.upload_keys import UploadKeys
from portal.environment import ConfigurationError
from portal.letters import Letters
from portal.workflows.engine import Stage
from portal.workflows.services import Services

WORKFLOWS = {
    "reserve", "sign_parts", "sign_form", "complete", "cancel_upload",
    "share", "open_link", "download", "own_download", "withdraw",
    "withdraw_recipient", "change_share", "add_recipients", "send_again", "rename", "keep", "copy", "trash",
    "restore", "purge", "sign_out_everywhere", "close_account", "ask_for_more", "give_more", "decline_more",
    "send_code", "confirm_address", "enter_password", "own_preview",
    "switch_mails", "unsubscribe", "make_group", "change_group", "delete_group", "forget_addresses",
    "release_address", "save_draft", "throw_away_draft",
}  # fmt: skip


@dataclass(frozen=True)
class Portal:
    """What an entry point needs: the configuration, the services and the session store."""

    config: Config
    services: Services
    sessions: Sessions


def build(config: Config) -> Portal:
    """Wire everything. Makes no call; clients are made when first needed. Raises ConfigurationError."""
    made = clients(config.region, config.s3_endpoint_url)
    table, cursors = Table(made, config.table), Cursors(config.secret_keys)
    quotas = Quotas(table, config.limits)
    shares = Shares(table, cursors)
    services = Services(
        files=Files(table, cursors, quotas),
        quotas=quotas,
        shares=shares,
        changes=ShareChanges(table, shares),
        drafts=Drafts(table),
        outbox=Outbox(table),
        asks=Asks(table),
        mail_counts=MailCounts(table),
        rates=Rates(table),
        audit=AuditLog(table, cursors),
        objects=Objects(made, config.files_bucket),
        access_logs=AccessLogs(made, config.logs_bucket),
        parts=Parts(made, config.files_bucket),
        mailer=Mailer(made, config.mail_from, config.mail_configuration_set),
        suppressed=Suppressed(table, cursors),
        people=People(table, made, config.oidc_metadata_url),
        letters=Letters.from_config(config),
        links=LinkKeys.from_secrets(config.secret_keys),
        codes=Codes(table),
        code_keys=CodeKeys.from_secrets(config.secret_keys),
        switches=SwitchKeys.from_secrets(config.secret_keys),
        groups=Groups(table),
        known=KnownAddresses(table),
        upload_keys=UploadKeys.from_secrets(config.secret_keys),
        limits=config.limits,
        link_address=lambda token: f"{config.public_url}/d/{token}",
        clock=lambda: datetime.now(UTC),
        extra_steps=extra_steps(config.steps),
    )
    return Portal(config, services, Sessions(table))


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
        workflow: {stage: tuple(map(resolved, names)) for stage, names in stages.items()}
        for workflow, stages in named.items()
    }


def resolved(name: str) -> Any:
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
