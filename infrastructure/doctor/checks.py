"""Every check of the doctor, in the order in which they are shown, and the deployment that they look at."""

from __future__ import annotations

import boto3

from infrastructure.doctor import address, data, events, function, mail, people, stacks
from infrastructure.doctor.findings import Check, Deployment
from infrastructure.failures import CommandFailed
from infrastructure.stack import Outputs, stack_outputs, stack_parameters
from infrastructure.stack_states import exists_stack
from infrastructure.stacks import STACKS
from infrastructure.stages import Stage

# Whether the portal answers as it should; a deploy asks these at its end.
SMOKE: tuple[Check, ...] = (
    address.check_health,
    address.check_sign_in,
    address.check_files_origin,
    events.check_event_source,
)
# What no deploy can settle.
SETTLED_BY_PEOPLE: tuple[Check, ...] = (
    function.check_concurrency,
    address.check_certificate,
    events.check_alarm_subscription,
    mail.check_mail_account,
    mail.check_mail_identity,
    people.check_invitations,
)
CHECKS: tuple[Check, ...] = (
    stacks.check_stacks,
    stacks.check_drift,
    function.check_function,
    function.check_settings,
    function.check_secret_key,
    function.check_concurrency,
    *SMOKE,
    address.check_certificate,
    events.check_last_tick,
    events.check_dead_letters,
    events.check_alarms,
    events.check_alarm_subscription,
    data.check_public_access,
    data.check_origin,
    data.check_versions,
    data.check_lifecycle,
    data.check_recovery,
    data.check_expiry,
    data.check_deletion_protection,
    mail.check_mail_account,
    mail.check_mail_quota,
    mail.check_mail_identity,
    people.check_sign_in_client,
    people.check_accounts,
    people.check_invitations,
)


def read_deployment(session: boto3.Session, stage: Stage) -> Deployment:
    """Raises CommandFailed where there is nothing to look at."""
    if not exists_stack(session, stage.resources):
        where = f"{stage.resources} in {session.region_name}"
        raise CommandFailed(f"There is no stack {where}: make deploy STAGE={stage.name} makes it.")
    outputs, parameters = Outputs(), dict[str, str]()
    for name in [stage.stack(each.suffix) for each in STACKS]:
        if exists_stack(session, name):
            outputs |= stack_outputs(session, name)
            parameters |= stack_parameters(session, name)
    return Deployment(session, stage, outputs, parameters)
