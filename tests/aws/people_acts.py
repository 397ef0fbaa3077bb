"""The acts of administrators on people, and of people on their own sessions."""

from __future__ import annotations

from typing import Any

from portal.domain.people.person import Person
from portal.engine.workflow import Workflow, run
from portal.workflows.people import data_export, managing
from portal.workflows.people.access_tokens import (
    MAKE_SERVICE_TOKEN,
    MAKE_TOKEN,
    REVOKE_SERVICE_TOKEN,
    REVOKE_TOKEN,
    MakeToken,
    RevokeToken,
)
from portal.workflows.people.account import END_SESSION, EndSession, make_session_id
from portal.workflows.people.managing import ManagePerson
from portal.workflows.people.service_accounts import MAKE_SERVICE_ACCOUNT, MakeServiceAccount
from portal.workflows.upkeep.write_data import write_data_exports
from tests.actions import make_id, make_request
from tests.aws.acts import ACTS, ANA, IDA, Act, act, do
from tests.builders import Running
from tests.web.signing import session_of

# What is done to an account of the pool, and so not where there is none; tests/web/pages/admin has one.
IN_POOL = {
    "change_roles",
    "invite_again",
    "reset_password",
    "reset_second_factor",
    "invite_person",
    "add_second_factor",
}


def manage(running: Running, workflow: Workflow[ManagePerson], who: str, **fields: Any) -> None:
    run(workflow, ManagePerson(make_request(IDA, running), who=who, **fields), running.portal.services)


def on_ana(workflow: Workflow[ManagePerson], **fields: Any) -> None:
    def scenario(running: Running) -> Act:
        for person in (ANA, IDA):
            session_of(running, person)
        yield
        manage(running, workflow, ANA.id, **fields)

    ACTS[workflow.name] = scenario


on_ana(managing.DISABLE)
on_ana(managing.ENABLE)
on_ana(managing.SIGN_OUT)
on_ana(managing.SET_QUOTA, max_bytes=1000)
on_ana(managing.DELETE_PERSON, confirmation=ANA.address)


def make_access_token(running: Running) -> MakeToken:
    made: MakeToken = do(
        running,
        MAKE_TOKEN,
        MakeToken,
        submission_id=make_id(running),
        name="Nightly",
        scopes=["share"],
        days=90,
    )
    return made


@act
def make_token(running: Running) -> Act:
    session_of(running, ANA)
    yield
    make_access_token(running)


@act
def revoke_token(running: Running) -> Act:
    session_of(running, ANA)
    made = make_access_token(running)
    yield
    do(running, REVOKE_TOKEN, RevokeToken, token_id=made.made[0].id)


def make_service_account(running: Running) -> Person:
    context = MakeServiceAccount(
        make_request(IDA, running), submission_id=make_id(running), name="Payroll",
        address="payroll@example.org",
    )  # fmt: skip
    return run(MAKE_SERVICE_ACCOUNT, context, running.portal.services).made


def make_service_token(running: Running, account: Person) -> MakeToken:
    context = MakeToken(
        make_request(IDA, running), account_id=account.id, submission_id=make_id(running), name="Backup",
        scopes=["share"], days=90,
    )  # fmt: skip
    return run(MAKE_SERVICE_TOKEN, context, running.portal.services)


def account_is_made(running: Running) -> Act:
    session_of(running, IDA)
    yield
    make_service_account(running)


def token_is_made(running: Running) -> Act:
    session_of(running, IDA)
    account = make_service_account(running)
    yield
    make_service_token(running, account)


def token_is_revoked(running: Running) -> Act:
    session_of(running, IDA)
    account = make_service_account(running)
    made = make_service_token(running, account)
    yield
    context = RevokeToken(
        make_request(IDA, running), account_id=account.id, token_id=made.made[0].id
    )  # fmt: skip
    run(REVOKE_SERVICE_TOKEN, context, running.portal.services)


ACTS["make_service_account"] = account_is_made
ACTS["make_service_token"] = token_is_made
ACTS["revoke_service_token"] = token_is_revoked


@act
def export_data(running: Running) -> Act:
    session_of(running, ANA)
    yield
    do(running, data_export.EXPORT_DATA, data_export.ExportData)


@act
def fetch_data(running: Running) -> Act:
    session_of(running, ANA)
    export = do(running, data_export.EXPORT_DATA, data_export.ExportData).export
    write_data_exports(running.portal.services, lambda: 60.0)
    yield
    do(running, data_export.FETCH_DATA, data_export.FetchData, export_id=export.id)


@act
def end_session(running: Running) -> Act:
    session_of(running, ANA)
    key, _ = running.portal.services.people_administration.list_sessions(ANA.id)[0]
    yield
    do(running, END_SESSION, EndSession, session_id=make_session_id(key))
