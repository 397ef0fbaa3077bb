"""Handing over what someone has: all of it, or chosen files and shares, for instance when they leave.

Nothing is copied, links stay what they are, and both quotas move with the files. It is done in pieces, each
one transaction; the request does the first, and the schedule goes on wherever that ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.clock import start_countdown
from portal.domain.errors import N_, Conflict, Invalid, NotFound
from portal.domain.files.file import File, FileState
from portal.domain.ids import is_id, make_sortable_id
from portal.domain.people.handover import (
    BeginHandoverResult,
    Handover,
    HandoverPhase,
    HandoverState,
    PieceResult,
)
from portal.domain.people.permissions import Privilege
from portal.domain.people.person import Person
from portal.domain.shares.share import Recipient, Share, ShareState
from portal.engine import budgets
from portal.engine.owner_limits import get_owner_limits
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow, isolate_failures
from portal.workflows.contacts.accounts import find_accounts
from portal.workflows.mail.handover_notices import draft_handover_notices

MAX_CHOSEN = 100
FILES_A_PIECE = 20  # each takes four writes of a transaction's hundred
SHARES_A_PAGE = 25
REQUEST_SECONDS = 8.0  # what the request itself spends on the first pieces
STOPPING = {PieceResult.RECEIVER_CANNOT, PieceResult.GIVER_GONE, PieceResult.GIVER_HELD}
MOVABLE = {FileState.READY, FileState.TRASHED}


@dataclass(frozen=True, kw_only=True)
class HandOver(Context):
    """giver_id: whose things; receiver: whose they become, as an id or an address; none chosen is all."""

    giver_id: str
    receiver: str
    file_ids: tuple[str, ...] = ()
    share_ids: tuple[str, ...] = ()
    people: tuple[Person, Person] | None = None  # who gives, and who receives
    handover: Handover | None = None

    @property
    def required_people(self) -> tuple[Person, Person]:
        if self.people is None:
            raise RuntimeError("the people are found first")
        return self.people

    @property
    def required_handover(self) -> Handover:
        if self.handover is None:
            raise RuntimeError("the handover is begun first")
        return self.handover


def check_choice(context: HandOver, services: Services) -> HandOver:
    chosen = (*context.file_ids, *context.share_ids)
    if len(chosen) > MAX_CHOSEN or not all(map(is_id, chosen)):
        raise Invalid(N_("Choose at most %(most)s files and shares."), params={"most": MAX_CHOSEN})
    return context


def find_people(context: HandOver, services: Services) -> HandOver:
    giver = services.people.get(context.giver_id)
    if giver is None:
        raise NotFound()
    named = replace(context, about=giver.id, details={"giver": giver.name, "receiver": context.receiver})
    receiver = find_receiver(context.receiver.strip(), services)
    if receiver.id == giver.id:
        raise refuse_receiver(N_("Choose someone else: these files are theirs already."), "same_person")
    if (
        receiver.id == context.me.id
    ):  # or one administrator alone would come by everyone's files and links (I6)
        raise refuse_receiver(
            N_("You cannot receive what you hand over. Another administrator can hand it to you."),
            "own_account",
        )
    return replace(named, people=(giver, receiver), details={"giver": giver.name, "receiver": receiver.name})


def find_receiver(text: str, services: Services) -> Person:
    found = find_accounts(text, services)
    if len(found) > 1:
        raise refuse_receiver(N_("Several accounts have this address. Use the person's id."), "several_fit")
    if not found:
        raise refuse_receiver(
            N_(
                "Nobody whose identity provider has confirmed this address has signed in yet. Ask them to"
                " sign in once, or use their id."
            ),
            "no_receiver",
        )
    return found[0]


def refuse_receiver(words: str, reason: str) -> Invalid:
    return Invalid(words, field="receiver", reason=reason)


def begin(context: HandOver, services: Services) -> HandOver:
    giver, receiver = context.required_people
    handover = Handover(
        id=make_sortable_id(context.now), giver_id=giver.id, giver_name=giver.name, receiver_id=receiver.id,
        receiver_name=receiver.name, receiver_address=receiver.address, admin_id=context.me.id,
        admin_name=context.me.name, begun_at=context.now, file_ids=tuple(sorted(context.file_ids)),
        share_ids=tuple(sorted(context.share_ids)),
    )  # fmt: skip
    result = services.handovers.begin(handover, context.required_record)
    if result is BeginHandoverResult.RUNNING_ALREADY:
        raise Conflict(N_("A handover of this person's things is still running."), reason="still_running")
    if result is BeginHandoverResult.GIVER_CANNOT:
        raise Conflict(N_("This account is being deleted, and its files with it."), reason="closing")
    if result is BeginHandoverResult.RECEIVER_CANNOT:
        raise refuse_receiver(
            N_("This account is disabled or being deleted. Choose someone else."), "shut_out"
        )
    return replace(context, handover=handover)


def begin_moving(context: HandOver, services: Services) -> HandOver:
    left = start_countdown(services.clock, REQUEST_SECONDS)
    done = go_on(context.required_handover, services, lambda: left() > 0)
    return replace(context, handover=done)


HAND_OVER: Workflow[HandOver] = Workflow(
    "hand_over",
    Action.HANDOVER_BEGUN,
    {
        Stage.VALIDATE: (check_choice,),
        Stage.IDENTIFY: (find_people,),
        Stage.PROCESS: (begin,),
        Stage.NOTIFY: (begin_moving,),
    },
    needs=Privilege.ADMINISTER,
)


def hand_over_due(services: Services, seconds_left: Callable[[], float]) -> None:
    """What the schedule does with handovers that are not at their end."""
    for handover in budgets.iterate_in_time(services.handovers.list_due(services.clock()), seconds_left):
        with isolate_failures("handover"):
            go_on(handover, services, lambda: seconds_left() >= budgets.MIN_REMAINING_SECONDS)


def go_on(handover: Handover, services: Services, has_time: Callable[[], bool]) -> Handover:
    """Piece after piece while there is time. What another process has gone on with is left to that one."""
    now: Handover | None = services.handovers.get(handover.giver_id)
    while now and now.id == handover.id and now.state is HandoverState.RUNNING:
        handover = now
        if not has_time():
            return handover
        piece = move_some_files if handover.phase is HandoverPhase.FILES else move_some_shares
        piece(handover, services)
        now = services.handovers.get(handover.giver_id)
    return now or handover


def move_some_files(handover: Handover, services: Services) -> None:
    """The next files together; where that cannot be, each by itself, so that one keeps no other back."""
    ids = next_file_ids(handover, services)
    if not ids:
        services.handovers.advance(handover, replace(handover, phase=HandoverPhase.SHARES, after=""))
        return
    known = services.files.get_many(handover.giver_id, ids)
    files = [each for each in known if each.state in MOVABLE]
    result = move_files(handover, files, ids[-1], services)
    if result in {PieceResult.MOVED, PieceResult.OVERTAKEN}:
        return
    if len(ids) == 1 or result in STOPPING:
        leave(handover, ids[-1], result, services)
        return
    alone = [each for each in files if each.id == ids[0]]
    result = move_files(handover, alone, ids[0], services)
    if result not in {PieceResult.MOVED, PieceResult.OVERTAKEN}:
        leave(handover, ids[0], result, services)


def next_file_ids(handover: Handover, services: Services) -> list[str]:
    if handover.is_of_all:
        return services.handovers.list_file_ids(handover.giver_id, handover.after, FILES_A_PIECE)
    return [each for each in handover.file_ids if each > handover.after][:FILES_A_PIECE]


def move_files(handover: Handover, files: list[File], last: str, services: Services) -> PieceResult:
    moved = len(files)
    after = replace(
        handover, after=last, files_moved=handover.files_moved + moved, passed=handover.passed + moved
    )
    if not files:
        done = services.handovers.advance(handover, after)
        return PieceResult.MOVED if done else PieceResult.OVERTAKEN
    records = [record(Action.FILE_HANDED_OVER, handover, each.id, services, name=each.name) for each in files]
    limits = get_owner_limits(handover.receiver_id, services)
    return services.handovers.move_files(handover, after, files, records, limits)


def leave(handover: Handover, last: str, result: PieceResult, services: Services) -> None:
    """Pass by what could not be moved; all ends where nothing can be."""
    after = replace(handover, after=last, left=handover.left + 1, problem=str(result))
    if result in STOPPING:
        after = replace(handover, problem=str(result), state=HandoverState.STOPPED, ended_at=services.clock())
    services.handovers.advance(handover, after, draft_handover_notices(after, services))


def move_some_shares(handover: Handover, services: Services) -> None:
    """The shares of one page that are not withdrawn, a transaction each; then on to the next, or the end."""
    share_ids, after = next_share_ids(handover, services)
    for share_id in share_ids:
        found = services.shares.get_with_recipients(share_id)
        if found is None or not is_theirs(found[0], handover):
            continue
        moved = move_share(handover, *found, services)
        if moved is None:
            return
        handover = moved
    ended = end_of_page(handover, after, services)
    services.handovers.advance(handover, ended, draft_handover_notices(ended, services))


def is_theirs(share: Share, handover: Handover) -> bool:
    return share.owner_id == handover.giver_id and share.state is ShareState.OPEN


def next_share_ids(handover: Handover, services: Services) -> tuple[Iterable[str], str]:
    """The next shares, and where it goes on behind them; empty at the end."""
    if handover.is_of_all:
        page = services.shares.list_page(handover.giver_id, handover.after or None, SHARES_A_PAGE)
        return [each.id for each in page.items], page.next or ""
    rest = [each for each in handover.share_ids if each > handover.after]
    return rest[:SHARES_A_PAGE], rest[SHARES_A_PAGE - 1] if len(rest) > SHARES_A_PAGE else ""


def move_share(
    handover: Handover, share: Share, recipients: list[Recipient], services: Services
) -> Handover | None:
    """The handover as it is then; None where it is over, or another's turn."""
    after = replace(handover, shares_moved=handover.shares_moved + 1, passed=handover.passed + 1)
    to = ", ".join(share.addresses)
    made = record(Action.SHARE_HANDED_OVER, handover, share.id, services, to=to)
    result = services.handovers.move_share(handover, after, share, recipients, made)
    if result is PieceResult.MOVED:
        return replace(after, step=handover.step + 1)
    if result is PieceResult.CHANGED:  # another round finds it again
        return replace(handover, passed=handover.passed + 1)
    if result in STOPPING:
        leave(handover, "", result, services)
    return None


def end_of_page(handover: Handover, after: str, services: Services) -> Handover:
    """Where it goes on behind a page of shares. After a round that moved something comes another."""
    if after:
        return replace(handover, after=after)
    again = replace(handover, phase=HandoverPhase.FILES, after="", passed=0, left=0, problem="")
    if handover.passed:
        return again
    return replace(handover, state=HandoverState.DONE, after="", ended_at=services.clock())


def record(action: Action, handover: Handover, about: str, services: Services, **details: Any) -> AuditRecord:
    """Done by who began it, whenever it is done."""
    named = {"giver": handover.giver_name, "receiver": handover.receiver_name, **details}
    actor = Actor("person", handover.admin_id, handover.admin_name)
    return AuditRecord(services.clock(), action, actor, about, workflow="hand_over", details=named)
