"""The end of an account: sessions at once, then shares, files and the account itself, piece by piece
(R61).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

from portal.domain.audit import Action, Actor, AuditRecord
from portal.domain.errors import Invalid, words
from portal.domain.files import File, FileState
from portal.domain.people import Person
from portal.workflows.cancelling import give_up
from portal.workflows.engine import (
    Context,
    Stage,
    Workflow,
    kept_apart,
    record_before_change,
    record_with_change,
)
from portal.workflows.files import erase
from portal.workflows.services import Services

BATCH = 25
REQUEST_SECONDS = 15.0  # what the closing request itself spends on removing; the schedule does the rest
LEAST_SECONDS = 3.0  # with less time left no further removal is begun


@dataclass(frozen=True, kw_only=True)
class EndSessions(Context):
    ended: int = 0


def end_sessions(context: EndSessions, services: Services) -> EndSessions:
    return replace(context, ended=services.people.end_sessions(context.me, context.now))


SIGN_OUT_EVERYWHERE: Workflow[EndSessions] = Workflow(
    "sign_out_everywhere",
    Action.SIGNED_OUT_EVERYWHERE,
    {
        Stage.AUDIT: (record_before_change("sign_out_everywhere", Action.SIGNED_OUT_EVERYWHERE),),
        Stage.PROCESS: (end_sessions,),
    },
)


@dataclass(frozen=True, kw_only=True)
class CloseAccount(Context):
    """confirmation: the person's own address (or name, without one), typed, since this cannot be undone."""

    confirmation: str


def confirmed(context: CloseAccount, services: Services) -> CloseAccount:
    """By one's address; by one's name where the provider says no address, never by nothing."""
    wanted = context.me.address or context.me.name
    if not wanted or context.confirmation.strip().casefold() != wanted.casefold():
        raise Invalid(
            words("Type %(wanted)s, exactly as it stands above, to delete your account."),
            field="confirmation", reason="not_confirmed", values={"wanted": wanted},
        )  # fmt: skip
    return context


def close(context: CloseAccount, services: Services) -> CloseAccount:
    """From here on it happens even if this request ends now: the schedule finds the account closing."""
    services.people.close(context.me, context.now, context.made_record)
    return context


def begin_removal(context: CloseAccount, services: Services) -> CloseAccount:
    services.people.end_sessions(context.me, context.now)
    ends = monotonic() + REQUEST_SECONDS
    remove_piece(context.me, services, lambda: ends - monotonic())
    return context


CLOSE_ACCOUNT: Workflow[CloseAccount] = Workflow(
    "close_account",
    Action.ACCOUNT_CLOSED,
    {
        Stage.VALIDATE: (confirmed,),
        Stage.AUDIT: (record_with_change("close_account", Action.ACCOUNT_CLOSED),),
        Stage.PROCESS: (close,),
        Stage.NOTIFY: (begin_removal,),
    },
)


def remove_closed(services: Services, seconds_left: Callable[[], float]) -> None:
    """What the schedule does with closing accounts: goes on where the last run stopped, while there is
    time.
    """
    for person in services.people.closing(BATCH):
        with kept_apart("account"):
            if not remove_piece(person, services, seconds_left):
                return


def remove_piece(person: Person, services: Services, seconds_left: Callable[[], float]) -> bool:
    """Remove shares, then files, groups and known addresses, then the account; False where the time ran
    out before all were gone.

    Each removal is safe to repeat, so a run that is killed is simply gone on with.
    """
    while shares := services.shares.page(person.id, None, BATCH).items:
        for share in shares:
            if seconds_left() < LEAST_SECONDS:
                return False
            services.changes.withdraw(share, record(Action.SHARE_WITHDRAWN, person, share.id, services))
            services.shares.erase(share.id)
    for state in (FileState.PENDING, FileState.READY, FileState.TRASHED):  # as one becomes the next
        while files := services.files.page(person.id, state, "uploaded", False, None, BATCH).items:
            for file in files:
                if seconds_left() < LEAST_SECONDS:
                    return False
                remove_file(file, person, services)
    services.groups.erase(person.id)
    services.known.forget(person.id)
    services.people.remove(person, record(Action.ACCOUNT_REMOVED, person, person.id, services))
    return True


def remove_file(file: File, person: Person, services: Services) -> None:
    """The bytes, then the row; a ready file leaves its owner's lists first, so that nobody can fetch it
    meanwhile.
    """
    purged = record(Action.FILE_PURGED, person, file.id, services)
    if file.state is FileState.READY:
        now = services.clock()
        services.files.trash(file, now, now, record(Action.FILE_TRASHED, person, file.id, services))
    if file.state is FileState.PENDING:
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
