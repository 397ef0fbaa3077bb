"""The end of an account: sessions at once, then shares, files and the account itself, piece by piece
(R61).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.clock import start_countdown
from portal.domain.errors import N_, Invalid, NotFound
from portal.domain.files.file import File, FileState
from portal.domain.ids import derive_id
from portal.domain.people.administrators import Leaving
from portal.domain.people.permissions import Privilege
from portal.domain.people.person import Person
from portal.domain.policy.legal_holds import Held
from portal.domain.shares.share import Share
from portal.domain.webhooks.webhook import Webhook
from portal.engine import budgets
from portal.engine.services import Services
from portal.engine.workflow import (
    Audit,
    Context,
    Stage,
    Workflow,
    isolate_failures,
)
from portal.workflows.contacts.leaving_groups import iterate_leaving
from portal.workflows.files.owned_files import erase
from portal.workflows.people.administrators import find_leaving
from portal.workflows.uploads.cancelling import give_up

BATCH = 25
LOOK_AGAIN = timedelta(days=1)  # at a closing account of which something is on legal hold
REQUEST_SECONDS = 15.0  # what the closing request itself spends on removing; the schedule does the rest
MIN_REMAINING_SECONDS = 3.0  # with less time left no further removal is begun


@dataclass(frozen=True, kw_only=True)
class EndSessions(Context):
    ended: int = 0


def end_sessions(context: EndSessions, services: Services) -> EndSessions:
    return replace(context, ended=services.people.end_sessions(context.me, context.now))


SIGN_OUT_EVERYWHERE: Workflow[EndSessions] = Workflow(
    "sign_out_everywhere",
    Action.SIGNED_OUT_EVERYWHERE,
    {
        Stage.PROCESS: (end_sessions,),
    },
    Audit.BEFORE_CHANGE,
)


@dataclass(frozen=True, kw_only=True)
class EndSession(Context):
    """session_id: of one of the person's own, as their account page names it."""

    session_id: str
    key: str = ""


def find_own_session(context: EndSession, services: Services) -> EndSession:
    sessions = services.people_administration.list_sessions(context.me.id)
    named = {make_session_id(key): (key, session) for key, session in sessions}
    if context.session_id not in named:
        raise NotFound()
    key, session = named[context.session_id]
    return replace(context, key=key, details={"device": session.device, "source_ip": session.source_ip})


def make_session_id(key: str) -> str:
    """What a page calls a session: not the key under which it is kept."""
    return derive_id("session", key)


def end_one(context: EndSession, services: Services) -> EndSession:
    services.people_administration.end_session(context.me.id, context.key)
    return context


END_SESSION: Workflow[EndSession] = Workflow(
    "end_session",
    Action.SESSION_ENDED,
    {
        Stage.IDENTIFY: (find_own_session,),
        Stage.PROCESS: (end_one,),
    },
    Audit.BEFORE_CHANGE,
)


@dataclass(frozen=True, kw_only=True)
class CloseAccount(Context):
    """confirmation: the person's own address (or name, without one), typed, since this cannot be undone."""

    confirmation: str
    leaving: Leaving | None = None


def require_confirmation(context: CloseAccount, services: Services) -> CloseAccount:
    """By one's address; by one's name where the provider says no address, never by nothing."""
    wanted = context.me.address or context.me.name
    if not wanted or context.confirmation.strip().casefold() != wanted.casefold():
        raise Invalid(
            N_("Type %(wanted)s, exactly as shown above, to delete your account."),
            field="confirmation", reason="not_confirmed", params={"wanted": wanted},
        )  # fmt: skip
    return context


def leave(context: CloseAccount, services: Services) -> CloseAccount:
    """The last administrator stays."""
    return replace(context, leaving=find_leaving(context.me, context.me.roles, context.me, services))


def close(context: CloseAccount, services: Services) -> CloseAccount:
    """From here on it happens even if this request ends now: the schedule finds the account closing."""
    services.people.close(context.me, context.now, context.required_record, context.leaving)
    return context


def begin_removal(context: CloseAccount, services: Services) -> CloseAccount:
    remove_account_piece(context.me, context.now, services)
    return context


def remove_account_piece(person: Person, now: datetime, services: Services) -> None:
    """What the closing request itself removes, after the sessions."""
    services.people.end_sessions(person, now)
    remove_piece(person, services, start_countdown(services.clock, REQUEST_SECONDS))


CLOSE_ACCOUNT: Workflow[CloseAccount] = Workflow(
    "close_account",
    Action.ACCOUNT_CLOSED,
    {
        Stage.VALIDATE: (require_confirmation,),
        Stage.AUTHORIZE: (leave,),
        Stage.PROCESS: (close,),
        Stage.NOTIFY: (begin_removal,),
    },
    needs=Privilege.DELETE,
)


def remove_closed(services: Services, seconds_left: Callable[[], float]) -> None:
    """What the schedule does with closing accounts: goes on where the last run stopped, while there is
    time.
    """

    def seconds_for_removal() -> float:
        """One removal takes less than what other parts of the schedule leave for what they have begun."""
        return seconds_left() - budgets.MIN_REMAINING_SECONDS + MIN_REMAINING_SECONDS

    for person in services.people.list_all_closing():
        with isolate_failures("account"):
            if not remove_piece(person, services, seconds_for_removal):
                return


def remove_piece(person: Person, services: Services, seconds_left: Callable[[], float]) -> bool:
    """Take the person out of the organisation's groups, remove shares, then files, groups and known
    addresses, then the account; False where the time ran out before all were gone. What is on legal hold
    stays, and the account with it until that is released.

    Each removal is safe to repeat, so a run that is killed is simply gone on with.
    """
    held = False
    for remove in iterate_removals(person, services):
        if seconds_left() < MIN_REMAINING_SECONDS:
            return False
        try:
            remove()
        except Held:
            held = True
    if held:
        services.people.put_off_removal(person, services.clock() + LOOK_AGAIN)
        return True
    if services.people.get_usage(person.id).files:
        return True  # one that the lists do not show yet: they run behind, and the counter does not
    remove_account(person, services)
    return True


def iterate_removals(person: Person, services: Services) -> Iterator[Callable[[], None]]:
    yield from iterate_leaving(person, record(Action.ADDRESS_TAKEN_OUT, person, "", services), services)
    for webhook in services.webhooks.list_of(person.id):
        yield from iterate_deliveries(webhook, services)
        yield partial(services.webhooks.forget, webhook)
    for share in iterate_shares(person, services):
        yield partial(remove_share, share, person, services)
    for file in iterate_files(person, services):
        yield partial(remove_file, file, person, services)


def iterate_deliveries(webhook: Webhook, services: Services) -> Iterator[Callable[[], None]]:
    while page := services.deliveries.list_page(webhook.id, None, BATCH).items:
        yield partial(services.deliveries.forget, page)


def remove_account(person: Person, services: Services) -> None:
    try:
        if not services.people.mark_removed(person, services.clock()):
            return
    except Held:
        services.people.put_off_removal(person, services.clock() + LOOK_AGAIN)
        return
    for export in services.data_exports.list_newest(person.id):
        services.exports.remove(export)
        services.data_exports.forget(export)
    services.groups.delete_all(person.id)
    services.known.forget(person.id)
    services.people.remove(person, record(Action.ACCOUNT_REMOVED, person, person.id, services))


def iterate_shares(person: Person, services: Services) -> Iterator[Share]:
    cursor = None
    while True:
        page = services.shares.list_page(person.id, cursor, BATCH)
        yield from page.items
        cursor = page.next
        if cursor is None:
            return


def iterate_files(person: Person, services: Services) -> Iterator[File]:
    """As one state becomes the next; what is being purged is still in the list of the trash."""
    for state in (FileState.PENDING, FileState.REJECTED, FileState.READY, FileState.TRASHED):
        cursor = None
        while True:
            page = services.files.page(person.id, state, "uploaded", False, cursor, BATCH)
            yield from page.items
            cursor = page.next
            if cursor is None:
                break


def remove_share(share: Share, person: Person, services: Services) -> None:
    """Its links end at once, also where the share itself is held. Lists run behind: one that was handed over
    is someone else's by now.
    """
    now = services.shares.get(share.id)
    if now is None or now.owner_id != share.owner_id:
        return
    services.changes.withdraw(now, record(Action.SHARE_WITHDRAWN, person, share.id, services))
    if services.shares.mark_deleted(now, services.clock()):
        services.shares.delete(share.id)


def remove_file(file: File, person: Person, services: Services) -> None:
    """The bytes, then the row; a ready file leaves its owner's lists first, so that nobody can fetch it
    in the meantime.
    """
    purged = record(Action.FILE_PURGED, person, file.id, services)
    if file.state is FileState.READY:
        now = services.clock()
        services.files.trash(file, now, now, record(Action.FILE_TRASHED, person, file.id, services))
    if file.state in {FileState.PENDING, FileState.REJECTED}:
        give_up(file, purged, services)
    else:
        erase(file, purged, services)


def record(action: Action, person: Person, about: str, services: Services) -> AuditRecord:
    return AuditRecord(
        at=services.clock(),
        action=action,
        actor=Actor("person", person.id),
        about=about,
        workflow="close_account",
    )
