"""What is done with a file depends on the state it is in, and on whose it is; anything else is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.errors import Conflict, Invalid, NotFound, Refusal
from portal.domain.files.file import File, FileState
from portal.domain.files.scans import Marks
from portal.domain.people.person import Person
from portal.domain.policy.limits import Limits
from portal.engine.services import Services
from portal.engine.workflow import Workflow, run
from portal.workflows.files import owned_files
from portal.workflows.files.owned_files import COPY, KEEP, PURGE, RENAME, RESTORE, TRASH, ChangeFile
from tests.actions import (
    list_records,
    make_id,
    make_person,
    make_request,
    read_state,
    reserve_file,
    set_policy,
    share_files,
    upload_file,
)
from tests.builders import Running

ANA, IDA = make_person("Ana Lopes"), make_person("Ida Admin", admin=True)
READY, TRASHED, PURGED = FileState.READY, FileState.TRASHED, FileState.PURGED
ALLOWED = [
    (RENAME, {READY}), (KEEP, {READY}), (COPY, {READY}), (TRASH, {READY, TRASHED}),
    (RESTORE, {READY, TRASHED}), (PURGE, {TRASHED, PURGED}),
]  # fmt: skip
NAMES = [each.name for each, _ in ALLOWED]


def change(
    portal: Running, workflow: Workflow[ChangeFile], file_id: str, who: Person = ANA,
    services: Services | None = None, **asked: str | int,
) -> ChangeFile:  # fmt: skip
    fields = {"name": "new.pdf", "days": 30, "submission_id": make_id(portal), **asked}
    context = ChangeFile(make_request(who, portal), file_id=file_id, **fields)  # type: ignore[arg-type]
    return run(workflow, context, services or portal.portal.services)


def read(portal: Running, file: File) -> File:
    found = portal.portal.services.files.find(file.id)
    assert found is not None
    return found


def make_record(portal: Running, file: File) -> AuditRecord:
    return AuditRecord(portal.clock(), Action.FILE_TRASHED, PORTAL, file.id)


def make_file(portal: Running, state: FileState) -> File:
    files = portal.portal.services.files
    if state in {FileState.PENDING, FileState.REJECTED}:
        file = reserve_file(portal, ANA)
        if state is FileState.REJECTED:
            assert files.reject(file, "wrong", make_record(portal, file))
        return file
    file = upload_file(portal, ANA)
    if state is not READY:
        change(portal, TRASH, file.id)
    if state is PURGED:
        assert files.mark_purged(read(portal, file), make_record(portal, file))
    return file


@pytest.mark.parametrize("state", FileState)
@pytest.mark.parametrize(("workflow", "states"), ALLOWED, ids=NAMES)
def test_each_change_is_for_files_in_its_states_alone(
    portal: Running, workflow: Workflow[ChangeFile], states: set[FileState], state: FileState
) -> None:
    file = make_file(portal, state)
    before = read(portal, file)
    if state in states:
        assert change(portal, workflow, file.id)
        return
    with pytest.raises(Conflict):
        change(portal, workflow, file.id)
    assert read(portal, file) == before


@pytest.mark.parametrize("workflow", [each for each, _ in ALLOWED], ids=NAMES)
def test_what_is_no_file_is_not_there(portal: Running, workflow: Workflow[ChangeFile]) -> None:
    for wrong in (make_id(portal), "", "../x"):
        with pytest.raises(NotFound):
            change(portal, workflow, wrong)


@pytest.mark.parametrize(
    ("workflow", "state", "name"), [(RENAME, READY, "report.pdf"), (TRASH, TRASHED, ""), (RESTORE, READY, "")]
)
def test_what_is_so_already_is_left_alone(
    portal: Running, workflow: Workflow[ChangeFile], state: FileState, name: str
) -> None:
    """Its end is not put off, and nothing is recorded."""
    file = make_file(portal, state)
    portal.clock.turn(days=1)
    before = read_state(portal)
    change(portal, workflow, file.id, name=name)
    assert read_state(portal) == before


def test_a_kind_is_asked_about_when_it_changes(portal: Running) -> None:
    """A file may keep the kind that it came with, whatever has been decided since."""
    file = upload_file(portal, ANA, "report.pdf")
    limits = Limits(blocked_kinds=frozenset({"pdf", "exe"}))
    services = replace(portal.portal.services, limits=limits)
    change(portal, RENAME, file.id, services=services, name="other.pdf")
    with pytest.raises(Invalid):
        change(portal, RENAME, file.id, services=services, name="other.exe")
    with pytest.raises(Invalid):
        change(portal, COPY, file.id, services=services)
    assert read(portal, file).name == "other.pdf"


@pytest.mark.parametrize("submission", ["", "x", "../" + "0" * 23])
def test_a_copy_needs_the_form_that_it_is_made_by(portal: Running, submission: str) -> None:
    file = upload_file(portal, ANA)
    with pytest.raises(Invalid) as refused:
        change(portal, COPY, file.id, submission_id=submission)
    assert refused.value.reason == "submission"


def test_what_the_scan_has_closed_is_not_copied(portal: Running) -> None:
    file = upload_file(portal, ANA)
    scans = portal.portal.services.scans
    assert scans.note(file, file.version_id, [Marks.THREATS], None, make_record(portal, file))
    with pytest.raises(Refusal):
        change(portal, COPY, file.id)
    assert not list_records(portal, "file.copied")[:-1]  # but for the refusal


@pytest.mark.parametrize(("was_asked", "is_asked"), list(product([True, False], repeat=2)))
def test_a_copy_is_scanned_where_its_file_was_or_it_is_asked_for(
    portal: Running, was_asked: bool, is_asked: bool
) -> None:
    file = replace(upload_file(portal, ANA), scan_required=was_asked)
    context = ChangeFile(make_request(ANA, portal), file_id=file.id, submission_id=make_id(portal), file=file)
    copied = owned_files.copy_of(context, Limits(scan_required=is_asked))
    assert copied.scan_required == (was_asked or is_asked)


@pytest.mark.parametrize(("kept", "shared"), list(product([0, 7, 365], [0, 20, 80])))
def test_what_is_restored_lives_as_long_as_anything_asks_for(portal: Running, kept: int, shared: int) -> None:
    """As a file that is new, as it was kept, or as its longest share."""
    file = upload_file(portal, ANA)
    if kept:
        change(portal, KEEP, file.id, days=kept)
    ends = portal.clock()
    if shared:
        last = portal.clock().date() + timedelta(days=shared)
        made = share_files(portal, ANA, [read(portal, file)], expires_on=last).share
        assert made is not None
        ends = made.expires_at
    was = read(portal, file)
    change(portal, TRASH, file.id)
    portal.clock.turn(days=1)
    change(portal, RESTORE, file.id)
    new = portal.clock() + timedelta(days=portal.portal.services.limits.file_days)
    assert read(portal, file).keep_until == max(new, was.keep_until or new, ends)


def days_in_the_trash(portal: Running, who: Person) -> int:
    file = upload_file(portal, ANA)
    change(portal, TRASH, file.id, who=who)
    purge_at = read(portal, file).purge_at
    assert purge_at is not None
    return (purge_at - portal.clock()).days


def test_an_administrator_acts_by_the_terms_of_whose_file_it_is(portal: Running) -> None:
    """Those of who asks are resolved with the request, as these are here from the environment."""
    set_policy(portal, trash_days="3")
    assert days_in_the_trash(portal, ANA) == portal.portal.services.limits.trash_days != 3
    assert days_in_the_trash(portal, IDA) == 3


@pytest.mark.parametrize("days", [7, 30, 90])
@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_a_lifetime_is_shortened_only_to_where_no_open_share_needs_it(
    portal: Running, days: int, is_withdrawn: bool
) -> None:
    file = upload_file(portal, ANA)
    change(portal, KEEP, file.id, days=180)
    last = portal.clock().date() + timedelta(days=60)
    made = share_files(portal, ANA, [read(portal, file)], expires_on=last).share
    assert made is not None
    if is_withdrawn:
        services = portal.portal.services
        assert services.changes.withdraw(made, make_record(portal, file)) is not False
    if days > 60 or is_withdrawn:
        change(portal, KEEP, file.id, days=days)
        kept = read(portal, file)
        assert kept.keep_until == portal.clock() + timedelta(days=days)
        assert kept.shared_until == (None if is_withdrawn and days < 60 else made.expires_at)
    else:
        with pytest.raises(Conflict) as refused:
            change(portal, KEEP, file.id, days=days)
        assert refused.value.reason == "shared_longer"
