"""What is on hold is destroyed by nobody and by no time, until a second administrator releases it (I8)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from portal.aws.client.calls import clients
from portal.domain.audit.record import PORTAL, Action, Actor, AuditRecord
from portal.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from portal.domain.files.file import File, FileState
from portal.domain.people.person import Person
from portal.domain.policy.legal_holds import Held, HeldKind, LegalHold, LockState
from portal.engine.workflow import run
from portal.workflows.files.owned_files import PURGE, TRASH, ChangeFile
from portal.workflows.people.account import CLOSE_ACCOUNT, CloseAccount
from portal.workflows.people.handover import HAND_OVER, HandOver
from portal.workflows.policy.legal_holds import RELEASE_HOLD, SET_HOLD, ReleaseHold, SetHold
from portal.workflows.shares.sharing import ShareFiles
from portal.workflows.upkeep.sweep import sweep
from portal.workflows.uploads.cancelling import CANCEL, Cancel
from portal.workflows.uploads.completion import complete_by_event
from tests.actions import (
    list_objects,
    list_records,
    make_id,
    make_person,
    make_request,
    put_object,
    read_state,
    reserve_file,
    share_files,
    upload_file,
)
from tests.builders import Running
from tests.web.signing import session_of

pytestmark = pytest.mark.requirement("I8")

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
ADA, IDA = make_person("Ada Minh", admin=True), make_person("Ida Admin", admin=True)
CLARA = make_person("Clara Diaz", admin=True)
KINDS = tuple(HeldKind)


@pytest.fixture
def portal(portal: Running) -> Running:
    for person in (ANA, BEN, ADA, IDA, CLARA):
        session_of(portal, person)
    return portal


@pytest.fixture
def shared(portal: Running) -> tuple[File, ShareFiles]:
    file = upload_file(portal, ANA)
    return file, share_files(portal, ANA, [file])


def hold(
    portal: Running, kind: HeldKind, thing_id: str, who: Person = ADA, reason: str = "A lawsuit"
) -> LegalHold:
    context = SetHold(make_request(who, portal), kind=kind, thing_id=thing_id, reason=reason)
    return run(SET_HOLD, context, portal.portal.services).required_hold


def release(portal: Running, held: LegalHold, who: Person = IDA, reason: str = "It is settled") -> None:
    context = ReleaseHold(make_request(who, portal), hold_id=held.id, reason=reason)
    run(RELEASE_HOLD, context, portal.portal.services)


@pytest.mark.parametrize("kind", KINDS)
def test_whom_a_hold_concerns_does_not_release_it(portal: Running, kind: HeldKind) -> None:
    file = upload_file(portal, IDA)
    made = share_files(portal, IDA, [file])
    things = {HeldKind.FILE: file.id, HeldKind.SHARE: made.about, HeldKind.PERSON: IDA.id}
    held = hold(portal, kind, things[kind])
    with pytest.raises(Conflict) as refused:
        release(portal, held, IDA)
    assert refused.value.reason == "own_hold"
    release(portal, held, CLARA)


def id_of(kind: HeldKind, shared: tuple[File, ShareFiles]) -> str:
    return {HeldKind.FILE: shared[0].id, HeldKind.SHARE: shared[1].about, HeldKind.PERSON: ANA.id}[kind]


def try_everything(portal: Running, file: File) -> None:
    """Whatever destroys something, by its owner, by an administrator and by time."""
    for who in (ANA, ADA):
        with suppress(Refusal):
            run(TRASH, ChangeFile(make_request(who, portal), file_id=file.id), portal.portal.services)
    with suppress(Refusal):
        run(PURGE, ChangeFile(make_request(ANA, portal), file_id=file.id), portal.portal.services)
    for _ in range(3):
        portal.clock.turn(days=100)
        sweep(portal.portal.services, lambda: 60.0)
    with suppress(Refusal):
        closing = CloseAccount(make_request(ANA, portal), confirmation=ANA.address)
        run(CLOSE_ACCOUNT, closing, portal.portal.services)
    for _ in range(2):
        portal.clock.turn(days=2)
        sweep(portal.portal.services, lambda: 60.0)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_held_is_there_after_everything_and_goes_once_released(
    portal: Running, shared: tuple[File, ShareFiles], kind: HeldKind
) -> None:
    file, made = shared
    services = portal.portal.services
    held = hold(portal, kind, id_of(kind, shared))
    try_everything(portal, file)
    assert list_objects(portal) == [file.key]
    found = services.files.find(file.id)
    assert found is not None
    assert found.state is FileState.READY
    assert services.people.get(ANA.id) is not None
    share = services.shares.get(made.about)
    assert (share is not None) == (kind is not HeldKind.FILE)
    release(portal, held)
    try_everything(portal, file)
    assert list_objects(portal) == []
    assert services.people.get(ANA.id) is None
    left = [item["pk"]["S"].partition("#")[0] for item in read_state(portal) if ANA.id in str(item)]
    assert set(left) <= {"HOLD", "HELD"}


def test_two_administrators_and_two_reasons(portal: Running, shared: tuple[File, ShareFiles]) -> None:
    file, _ = shared
    with pytest.raises(Invalid):
        hold(portal, HeldKind.FILE, file.id, reason=" ")
    with pytest.raises(Forbidden):
        hold(portal, HeldKind.FILE, file.id, who=ANA)
    with pytest.raises(NotFound):
        hold(portal, HeldKind.SHARE, file.id)
    first, second = (hold(portal, HeldKind.FILE, file.id, who) for who in (ADA, IDA))
    with pytest.raises(Conflict, match="yourself"):
        release(portal, first, ADA)
    with pytest.raises(Invalid):
        release(portal, first, reason="")
    with pytest.raises(Forbidden):
        release(portal, first, BEN)
    release(portal, first)
    with pytest.raises(Conflict, match="already"):
        release(portal, first)
    assert portal.portal.services.holds.is_held(file.id)
    release(portal, second, ADA)
    assert not portal.portal.services.holds.is_held(file.id)
    assert [len(list_records(portal, action)) for action in ("hold.set", "hold.released")] == [2 + 3, 2 + 4]


Destroy = Callable[[Any, Any, AuditRecord], Any]
DESTROYERS: dict[str, tuple[FileState, Destroy]] = {
    "trash": (FileState.READY, lambda files, file, record: files.trash(file, record.at, record.at, record)),
    "mark_purged": (FileState.TRASHED, lambda files, file, record: files.mark_purged(file, record)),
    "cancel": (FileState.PENDING, lambda files, file, record: files.cancel(file, record)),
    "reject": (FileState.PENDING, lambda files, file, record: files.reject(file, "size", record)),
}


@pytest.mark.parametrize("kind", [HeldKind.FILE, HeldKind.PERSON])
@pytest.mark.parametrize("name", DESTROYERS)
def test_a_hold_set_between_reading_and_writing_wins(portal: Running, name: str, kind: HeldKind) -> None:
    """And the other way round: what is being destroyed already cannot be held any more."""
    state, destroy = DESTROYERS[name]
    for held_first in (True, False):
        file = file_in(portal, state)
        record = AuditRecord(portal.clock(), Action.FILE_PURGED, PORTAL, file.id)
        thing_id = file.id if kind is HeldKind.FILE else ANA.id
        if held_first:
            held = hold(portal, kind, thing_id)
            before = read_state(portal)
            with pytest.raises(Held):
                destroy(portal.portal.services.files, file, record)
            assert read_state(portal) == before
            release(portal, held)
        else:
            assert destroy(portal.portal.services.files, file, record)
            if kind is HeldKind.FILE and name != "trash":
                with pytest.raises(Conflict, match="already"):
                    hold(portal, kind, thing_id)


def file_in(portal: Running, state: FileState) -> File:
    if state is FileState.PENDING:
        return reserve_file(portal, ANA)
    file = upload_file(portal, ANA)
    if state is FileState.TRASHED:
        run(TRASH, ChangeFile(make_request(ANA, portal), file_id=file.id), portal.portal.services)
    found = portal.portal.services.files.find(file.id)
    assert found is not None
    return found


def test_shares_and_accounts_meet_the_same_race(portal: Running, shared: tuple[File, ShareFiles]) -> None:
    services = portal.portal.services
    share = services.shares.get(shared[1].about)
    assert share is not None
    held = [hold(portal, HeldKind.SHARE, share.id), hold(portal, HeldKind.PERSON, ANA.id)]
    closed = AuditRecord(portal.clock(), Action.ACCOUNT_CLOSED, Actor("person", ANA.id), ANA.id)
    given = HandOver(make_request(ADA, portal), giver_id=ANA.id, receiver=BEN.id)
    destroyers: tuple[Callable[[], Any], ...] = (
        lambda: services.shares.mark_deleted(share, portal.clock()),
        lambda: services.people.mark_removed(ANA, portal.clock()),
        lambda: services.people.close(ANA, portal.clock(), closed),
        lambda: run(HAND_OVER, given, services),
    )
    for destroy in destroyers:
        with pytest.raises(Held):
            destroy()
    for each in held:
        release(portal, each)
    assert services.shares.mark_deleted(share, portal.clock())
    assert services.people.mark_removed(ANA, portal.clock())
    for kind, thing_id in ((HeldKind.SHARE, share.id), (HeldKind.PERSON, ANA.id)):
        with pytest.raises(Conflict, match="already"):
            hold(portal, kind, thing_id)


def test_what_no_row_names_is_left_too(portal: Running, shared: tuple[File, ShareFiles]) -> None:
    """An object whose upload was cancelled, and a version that came after the one taken in."""
    file, _ = shared
    held = hold(portal, HeldKind.PERSON, ANA.id)
    stray = replace(file, id=make_id(portal))
    put_object(portal, stray, b"few")
    put_object(portal, file, b"another body")
    versions = portal.portal.services.objects.versions(file.key)
    late = next(each.version_id for each in versions if each.version_id != file.version_id)

    def tell() -> None:
        complete_by_event(stray.key, portal.portal.services)
        complete_by_event(file.key, portal.portal.services, version_id=late)

    tell()
    assert sorted(list_objects(portal)) == sorted([file.key, file.key, stray.key])
    pending = reserve_file(portal, ANA)
    cancel = Cancel(make_request(ANA, portal), owner_id=ANA.id, file_id=pending.id)
    with pytest.raises(Held):
        run(CANCEL, cancel, portal.portal.services)
    release(portal, held)
    tell()
    assert list_objects(portal) == [file.key]


@pytest.fixture
def locking(portal: Running) -> Any:
    """The bucket with Object Lock; its files are removed by nobody's call to S3."""
    s3 = clients(portal.config.region).get("s3")
    lock = {"ObjectLockEnabled": "Enabled"}
    s3.put_object_lock_configuration(Bucket=portal.config.files_bucket, ObjectLockConfiguration=lock)
    return s3


@pytest.mark.parametrize("kind", KINDS)
def test_where_the_bucket_can_its_versions_are_locked(
    portal: Running, locking: Any, shared: tuple[File, ShareFiles], kind: HeldKind
) -> None:
    file, _ = shared
    held = hold(portal, kind, id_of(kind, shared))
    found = portal.portal.services.holds.get(held.id)
    assert found is not None
    assert found.lock is LockState.FINISHED
    assert lock_of(portal, locking, file) == "ON"
    release(portal, held)
    assert lock_of(portal, locking, file) == "OFF"
    locking.put_object_legal_hold(
        Bucket=portal.config.files_bucket, Key=file.key, VersionId=file.version_id, LegalHold={"Status": "ON"}
    )
    for workflow in (TRASH, PURGE):
        run(workflow, ChangeFile(make_request(ANA, portal), file_id=file.id), portal.portal.services)
    assert list_objects(portal) == []


def lock_of(portal: Running, s3: Any, file: File) -> str:
    asked = {"Bucket": portal.config.files_bucket, "Key": file.key, "VersionId": file.version_id}
    return str(s3.get_object_legal_hold(**asked)["LegalHold"]["Status"])
