"""Legal holds: set by one administrator with a reason, released by another one with a reason (I8).

The table's conditions are what holds. Where the bucket has Object Lock, the objects' versions are locked in
S3 as well, so that nobody else's credentials remove them either; that is done piece by piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from portal.domain.audit.record import Action
from portal.domain.clock import start_countdown
from portal.domain.errors import N_, Conflict, NotFound
from portal.domain.ids import make_sortable_id
from portal.domain.people.permissions import Permission, Privilege, may
from portal.domain.policy.legal_holds import (
    HeldKind,
    LegalHold,
    LockState,
    ReleaseHoldResult,
    SetHoldResult,
    parse_reason,
)
from portal.engine import budgets
from portal.engine.services import Services
from portal.engine.workflow import Context, Stage, Workflow, isolate_failures

REQUEST_SECONDS = 5.0  # what the request itself spends on locking objects; the schedule does the rest
FILES_A_PIECE = 20


@dataclass(frozen=True, kw_only=True)
class SetHold(Context):
    """thing_id: of a file, a share or a person, as the kind says."""

    kind: HeldKind
    thing_id: str
    reason: str
    hold: LegalHold | None = None

    @property
    def required_hold(self) -> LegalHold:
        if self.hold is None:
            raise RuntimeError("the hold is drafted first")
        return self.hold


@dataclass(frozen=True, kw_only=True)
class ReleaseHold(Context):
    hold_id: str
    reason: str
    hold: LegalHold | None = None

    @property
    def required_hold(self) -> LegalHold:
        if self.hold is None:
            raise RuntimeError("the hold is found first")
        return self.hold


def check_reason(context: SetHold, services: Services) -> SetHold:
    return replace(context, reason=parse_reason(context.reason))


def draft_hold(context: SetHold, services: Services) -> SetHold:
    name, file_ids = describe_thing(context.kind, context.thing_id, services)
    hold = LegalHold(
        id=make_sortable_id(context.now), kind=context.kind, thing_id=context.thing_id, name=name,
        reason=context.reason, set_by=context.me.id, set_by_name=context.me.name, set_at=context.now,
        file_ids=file_ids,
    )  # fmt: skip
    details = {"name": name, "why": context.reason, "hold": hold.id}
    return replace(context, hold=hold, about=context.thing_id, details=details)


def describe_thing(kind: HeldKind, thing_id: str, services: Services) -> tuple[str, tuple[str, ...]]:
    """What people call it, and the files that are held with it."""
    if kind is HeldKind.FILE:
        file = services.files.find(thing_id)
        if file:
            return file.name, (file.id,)
    if kind is HeldKind.SHARE:
        share = services.shares.get(thing_id)
        if share:
            return ", ".join(share.addresses), tuple(
                each.id for each in services.shared_files.list_all(share)
            )
    if kind is HeldKind.PERSON:
        person = services.people.get(thing_id)
        if person:
            return person.name, ()
    raise NotFound()


def set_hold(context: SetHold, services: Services) -> SetHold:
    if services.holds.set(context.required_hold, context.required_record) is SetHoldResult.GONE:
        raise Conflict(N_("This is being deleted for good already."), reason="too_late")
    return context


def lock_objects(context: SetHold, services: Services) -> SetHold:
    left = start_countdown(services.clock, REQUEST_SECONDS)
    go_on_locking(context.required_hold, services, lambda: left() > 0)
    return context


SET_HOLD: Workflow[SetHold] = Workflow(
    "set_hold",
    Action.HOLD_SET,
    {
        Stage.VALIDATE: (check_reason,),
        Stage.IDENTIFY: (draft_hold,),
        Stage.PROCESS: (set_hold,),
        Stage.NOTIFY: (lock_objects,),
    },
    needs=Privilege.ADMINISTER,
)


def check_release_reason(context: ReleaseHold, services: Services) -> ReleaseHold:
    return replace(context, reason=parse_reason(context.reason))


def find_hold(context: ReleaseHold, services: Services) -> ReleaseHold:
    hold = services.holds.get(context.hold_id)
    if hold is None:
        raise NotFound()
    details = {"name": hold.name, "why": context.reason, "hold": hold.id}
    return replace(context, hold=hold, about=hold.thing_id, details=details)


def require_not_theirs(context: ReleaseHold, services: Services) -> ReleaseHold:
    """Whom a hold is on, or whose things, is not who lifts it."""
    hold = context.required_hold
    held = {
        HeldKind.FILE: services.files.find, HeldKind.SHARE: services.shares.get, HeldKind.PERSON: None,
    }[hold.kind]  # fmt: skip
    thing = held(hold.thing_id) if held else None
    if may(context.me, Permission.OWN, thing.owner_id if thing else hold.thing_id):
        raise Conflict(
            N_("This hold is on what is yours. Another administrator can release it."), reason="own_hold"
        )
    return context


def release_hold(context: ReleaseHold, services: Services) -> ReleaseHold:
    """By someone else than who set it: the write itself asks."""
    before = context.required_hold
    after = replace(
        before, released_by=context.me.id, released_by_name=context.me.name, released_at=context.now,
        release_reason=context.reason, lock=LockState.UNFINISHED, after="",
    )  # fmt: skip
    result = services.holds.release(before, after, context.required_record)
    if result is ReleaseHoldResult.SAME_ADMIN:
        raise Conflict(
            N_("You set this hold yourself. Another administrator has to release it."), reason="same_admin"
        )
    if result is ReleaseHoldResult.RELEASED_BEFORE:
        raise Conflict(N_("This hold is released already."), reason="released_before")
    return replace(context, hold=after)


def release_objects(context: ReleaseHold, services: Services) -> ReleaseHold:
    left = start_countdown(services.clock, REQUEST_SECONDS)
    go_on_locking(context.required_hold, services, lambda: left() > 0)
    return context


RELEASE_HOLD: Workflow[ReleaseHold] = Workflow(
    "release_hold",
    Action.HOLD_RELEASED,
    {
        Stage.VALIDATE: (check_release_reason,),
        Stage.IDENTIFY: (find_hold,),
        Stage.AUTHORIZE: (require_not_theirs,),
        Stage.PROCESS: (release_hold,),
        Stage.NOTIFY: (release_objects,),
    },
    needs=Privilege.ADMINISTER,
)


def lock_held(services: Services, seconds_left: Callable[[], float]) -> None:
    """What the schedule does with holds whose objects are not all locked in S3, or not all released there."""
    for hold in budgets.iterate_in_time(services.holds.list_due(services.clock()), seconds_left):
        with isolate_failures("legal hold"):
            go_on_locking(hold, services, lambda: seconds_left() >= budgets.MIN_REMAINING_SECONDS)


def go_on_locking(hold: LegalHold, services: Services, has_time: Callable[[], bool]) -> None:
    while hold.lock is LockState.UNFINISHED and has_time():
        ids = next_file_ids(hold, services)
        after = replace(hold, after=ids[-1]) if ids else replace(hold, lock=LockState.FINISHED, after="")
        if not lock_files(ids, services):
            after = replace(hold, lock=LockState.NOT_ENABLED, after="")
        if not services.holds.note_lock(hold, after):
            return
        hold = after


def next_file_ids(hold: LegalHold, services: Services) -> list[str]:
    if hold.kind is HeldKind.PERSON:
        return services.handovers.list_file_ids(hold.thing_id, hold.after, FILES_A_PIECE)
    return [each for each in sorted(hold.file_ids) if each > hold.after][:FILES_A_PIECE]


def lock_files(file_ids: Sequence[str], services: Services) -> bool:
    """Lock what is held by now, whichever hold it is, and release what is not; False where S3 cannot."""
    for file_id in file_ids:
        file = services.files.find(file_id)
        if file:
            on = services.holds.is_held(file.id, file.owner_id)
            if not services.objects.set_legal_hold(file.key, on=on):
                return False
    return True
