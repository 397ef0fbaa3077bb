"""One act for each workflow: a generator that prepares, yields, and then does it.

So a test can count, and lose, what happens after the preparation alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from portal.aws.tables.suppressed_table import suppress
from portal.domain.audit.record import Action, AuditRecord
from portal.domain.mail.notifications import NotificationKind
from portal.domain.mail.suppression import HeldFor, SuppressedAddress
from portal.domain.shares.drafts import Draft
from portal.engine.workflow import Request, Workflow, run
from portal.workflows.contacts import known_addresses, recipient_groups
from portal.workflows.links import confirmation
from portal.workflows.mail import mail_preferences, suppression
from portal.workflows.people import account
from portal.workflows.shares import (
    access_requests,
    change,
    drafts,
    revoke,
)
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    download_file,
    link_token,
    make_id,
    make_person,
    make_request,
    make_unlock,
    share_files,
    upload_file,
    visit_link,
)  # fmt: skip
from tests.builders import Running
from tests.web.signing import session_of

ANA, IDA = make_person("Ana Lopes"), make_person("Ida Admin", admin=True)
Act = Iterator[None]
ACTS: dict[str, Callable[[Running], Act]] = {}
KIND = NotificationKind.DOWNLOADED


def act(scenario: Callable[[Running], Act]) -> Callable[[Running], Act]:
    ACTS[scenario.__name__] = scenario
    return scenario


def do(running: Running, workflow: Workflow[Any], kind: type[Any], who: Any = ANA, **fields: Any) -> Any:
    return run(workflow, kind(make_request(who, running), **fields), running.portal.services)


def run_on_link(running: Running, workflow: Workflow[Any], kind: type[Any], token: str, **fields: Any) -> Any:
    if kind is confirmation.Unlock:
        return run(workflow, make_unlock(running, token, **fields), running.portal.services)
    visitor = make_unlock(running, token)
    context = kind(Request(visitor.now, visitor.actor), token=token, **fields)
    return run(workflow, context, running.portal.services)


def share_one_file(running: Running, **asked: Any) -> ShareFiles:
    return share_files(running, ANA, [upload_file(running, ANA)], **asked)


def share_and_use_up(running: Running) -> ShareFiles:
    """A share whose only download is used."""
    made = share_one_file(running, download_limit=1)
    download_file(running, link_token(running, made), made.files[0])
    return made


@act
def share(running: Running) -> Act:
    file = upload_file(running, ANA)
    yield
    share_files(running, ANA, [file])


@act
def open_link(running: Running) -> Act:
    token = link_token(running, share_one_file(running))
    yield
    visit_link(running, token)


@act
def download(running: Running) -> Act:
    made = share_one_file(running, download_limit=1)
    yield
    download_file(running, link_token(running, made), made.files[0])


@act
def withdraw(running: Running) -> Act:
    made = share_one_file(running)
    yield
    do(running, revoke.WITHDRAW_SHARE, revoke.Withdraw, share_id=made.about)


@act
def change_share(running: Running) -> Act:
    made = share_one_file(running)
    yield
    do(running, change.CHANGE_SHARE, change.ChangeShare, share_id=made.about, version=1, download_limit=3,
       message="", expires_on=(running.clock() + timedelta(days=30)).date())  # fmt: skip


@act
def sign_out_everywhere(running: Running) -> Act:
    session_of(running, ANA)
    session_of(running, ANA)
    yield
    do(running, account.SIGN_OUT_EVERYWHERE, account.EndSessions)


@act
def close_account(running: Running) -> Act:
    session_of(running, ANA)
    share_one_file(running)
    yield
    do(running, account.CLOSE_ACCOUNT, account.CloseAccount, confirmation=ANA.address)


@act
def ask_for_more(running: Running) -> Act:
    token = link_token(running, share_and_use_up(running))
    yield
    run_on_link(running, access_requests.ASK_FOR_MORE, access_requests.AskForMore, token, note="Please.")


def answer(workflow: Workflow[access_requests.AnswerRequest]) -> None:
    def scenario(running: Running) -> Act:
        made = share_and_use_up(running)
        run_on_link(
            running, access_requests.ASK_FOR_MORE, access_requests.AskForMore, link_token(running, made)
        )
        yield
        do(
            running,
            workflow,
            access_requests.AnswerRequest,
            share_id=made.about,
            recipient_id=made.recipients[0].id,
        )

    ACTS[workflow.name] = scenario


answer(access_requests.APPROVE_REQUEST)
answer(access_requests.DECLINE_REQUEST)


@act
def send_code(running: Running) -> Act:
    token = link_token(running, share_one_file(running, confirm=True))
    yield
    run_on_link(running, confirmation.SEND_CODE, confirmation.Unlock, token)


def issue_code(running: Running, token: str, code: str) -> str:
    """The id of this code, as after asking for one."""
    services = running.portal.services
    context = confirmation.open_link(make_unlock(running, token), services)
    made = confirmation.draft_code(context, services, code, None)
    record = AuditRecord(context.now, Action.CODE_SENT, context.actor, context.about)
    services.codes.issue(context.share_and_recipient[1], made, None, record)
    return made.id


@act
def confirm_address(running: Running) -> Act:
    token = link_token(running, share_one_file(running, confirm=True))
    code_id = issue_code(running, token, "123456")
    yield
    run_on_link(
        running, confirmation.CONFIRM_ADDRESS, confirmation.Unlock, token, code_id=code_id, code="123456"
    )


@act
def enter_password(running: Running) -> Act:
    token = link_token(running, share_one_file(running, confirm=False, password="correct horse"))
    yield
    run_on_link(running, confirmation.ENTER_PASSWORD, confirmation.Unlock, token, password="correct horse")


@act
def switch_mails(running: Running) -> Act:
    session_of(running, ANA)
    yield
    do(running, mail_preferences.SWITCH_MAILS, mail_preferences.SwitchMails, off=frozenset({KIND}))


@act
def unsubscribe(running: Running) -> Act:
    session_of(running, ANA)
    token = running.portal.services.switches.token(ANA.id, [KIND])
    yield
    run(mail_preferences.UNSUBSCRIBE, mail_preferences.Unsubscribe(
        Request(running.clock(), make_unlock(running, "").actor), token=token), running.portal.services
    )  # fmt: skip


def save_group(running: Running) -> Any:
    return do(running, recipient_groups.MAKE_GROUP, recipient_groups.SaveGroup, name="Board",
              recipients_text="x@example.com").required_result  # fmt: skip


@act
def make_group(running: Running) -> Act:
    yield
    save_group(running)


@act
def change_group(running: Running) -> Act:
    group = save_group(running)
    yield
    do(running, recipient_groups.CHANGE_GROUP, recipient_groups.SaveGroup, group_id=group.id, name="Council",
       recipients_text="y@example.com", version=group.version)  # fmt: skip


@act
def delete_group(running: Running) -> Act:
    group = save_group(running)
    yield
    do(running, recipient_groups.DELETE_GROUP, recipient_groups.OnGroup, group_id=group.id)


@act
def forget_addresses(running: Running) -> Act:
    share_one_file(running)
    yield
    do(running, known_addresses.FORGET_ADDRESSES, known_addresses.Forget)


@act
def release_address(running: Running) -> Act:
    held = SuppressedAddress("x@example.com", HeldFor.BOUNCE, running.clock())
    running.portal.services.suppression_list.table.transact([suppress(held)])  # type: ignore[attr-defined]
    yield
    do(running, suppression.RELEASE_ADDRESS, suppression.Release, IDA, held_id=held.id)


def keep_draft(running: Running) -> Draft:
    draft = Draft(id=make_id(running), owner_id="", saved_at=running.clock(), answers={"message": "Hello."})
    do(running, drafts.SAVE_DRAFT, drafts.SaveDraft, draft=draft)
    return draft


@act
def save_draft(running: Running) -> Act:
    yield
    keep_draft(running)


@act
def throw_away_draft(running: Running) -> Act:
    draft = keep_draft(running)
    yield
    do(running, drafts.THROW_AWAY, drafts.ThrowAway, draft_id=draft.id)


@act
def beginning_a_session(running: Running) -> Act:
    yield
    session_of(running, ANA)
