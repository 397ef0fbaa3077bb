"""What an owner does with a file, and what time does with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal.domain.errors import Conflict, Gone, Invalid, NotFound
from portal.domain.files.file import FileState
from portal.engine.workflow import Workflow, run
from portal.queries.files import list_files
from portal.queries.rows import PAGE_ROWS
from portal.workflows.files import owned_files
from portal.workflows.upkeep.sweep import sweep
from tests.actions import (
    download_file,
    link_token,
    list_objects,
    list_records,
    make_id,
    make_person,
    make_request,
    read_state,
    share_files,
    upload_file,
)
from tests.builders import Running

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
Do = Callable[..., owned_files.ChangeFile]
Change = Workflow[owned_files.ChangeFile]
CHANGES = [
    owned_files.RENAME,
    owned_files.TRASH,
    owned_files.RESTORE,
    owned_files.COPY,
    owned_files.KEEP,
    owned_files.PURGE,
]


@pytest.fixture
def do(portal: Running) -> Do:
    def change(workflow: Change, file_id: str, person: Any = ANA, **asked: Any) -> owned_files.ChangeFile:
        context = owned_files.ChangeFile(make_request(person, portal), file_id=file_id, **asked)
        return run(workflow, context, portal.portal.services)

    return change


def names(portal: Running, **asked: Any) -> list[str]:
    return [file.name for file in list_files(ANA, portal.portal.services, **asked).files.items]


def test_a_list_sorts_by_time_name_and_size(portal: Running) -> None:
    for name, body in (("b.txt", b"22"), ("C.txt", b"1"), ("a.txt", b"333")):
        portal.clock.turn(seconds=1)
        upload_file(portal, ANA, name, body)
    assert names(portal) == ["a.txt", "C.txt", "b.txt"]
    assert names(portal, order="name") == ["a.txt", "b.txt", "C.txt"]
    assert names(portal, order="size") == ["a.txt", "b.txt", "C.txt"]
    assert names(portal, order="size", descending=False) == ["C.txt", "b.txt", "a.txt"]


@pytest.mark.requirement("R62")
def test_a_list_goes_on_at_its_cursor_and_at_nobody_elses(portal: Running) -> None:
    for number in range(PAGE_ROWS + 5):
        portal.clock.turn(seconds=1)
        upload_file(portal, ANA, f"{number}.txt")
    services = portal.portal.services
    first = list_files(ANA, services)
    second = list_files(ANA, services, cursor=first.files.next)
    assert len(first.files.items) == PAGE_ROWS
    assert [file.name for file in second.files.items] == ["4.txt", "3.txt", "2.txt", "1.txt", "0.txt"]
    for person, cursor in ((BEN, first.files.next), (ANA, "x" * 80), (ANA, "%%%"), (ANA, "é")):
        with pytest.raises(Invalid):
            list_files(person, services, cursor=cursor)


def test_search_follows_what_becomes_of_a_file(portal: Running, do: Do) -> None:
    file = upload_file(portal, ANA, "Quarterly report 2026.pdf")
    upload_file(portal, ANA, "report draft.pdf")
    assert names(portal, search="quart") == ["Quarterly report 2026.pdf"]
    assert names(portal, search="2026 REPO") == ["Quarterly report 2026.pdf"]
    assert len(names(portal, search="report")) == 2
    assert names(portal, search="missing") == names(portal, search="?!") == []
    do(owned_files.RENAME, file.id, name="Summary 2026.pdf")
    assert names(portal, search="quarterly") == []
    assert names(portal, search="summary") == ["Summary 2026.pdf"]
    do(owned_files.TRASH, file.id)
    assert names(portal, search="summary") == []


@pytest.mark.requirement("R34")
def test_a_name_is_made_safe_when_it_is_changed(portal: Running, do: Do) -> None:
    file = upload_file(portal, ANA)
    do(owned_files.RENAME, file.id, name="../x\u202efdp.exe")
    assert names(portal) == ["xfdp.exe"]
    with pytest.raises(Invalid):
        do(owned_files.RENAME, file.id, name="  ")


@pytest.mark.requirement("R11")
@pytest.mark.parametrize("workflow", CHANGES, ids=lambda each: each.name)
def test_somebody_elses_file_is_not_there(portal: Running, do: Do, workflow: Change) -> None:
    file = upload_file(portal, ANA)
    before = read_state(portal)
    with pytest.raises(NotFound):
        do(workflow, file.id, person=BEN, name="x", days=30, submission_id=make_id(portal))
    assert read_state(portal) == before


@pytest.mark.requirement("R51")
def test_a_copy_is_made_once_and_is_a_file_of_its_own(portal: Running, do: Do) -> None:
    """The same form twice is one copy."""
    file = upload_file(portal, ANA, "plan.pdf")
    form = make_id(portal)
    first, second = (do(owned_files.COPY, file.id, submission_id=form).file for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.id == second.id != file.id
    assert sorted(names(portal)) == ["plan (copy).pdf", "plan.pdf"]
    do(owned_files.TRASH, file.id)
    do(owned_files.PURGE, file.id)
    assert list_objects(portal) == [first.key]


@pytest.mark.requirement("R61", "I3")
def test_a_copy_that_was_interrupted_is_finished(portal: Running, do: Do) -> None:
    """Killed after the bytes were copied and before they were taken in."""
    file = upload_file(portal, ANA, "plan.pdf")
    services = portal.portal.services
    taken_in = replace(services, files=NeverCompletes(services.files))
    context = owned_files.ChangeFile(
        make_request(ANA, portal), file_id=file.id, submission_id=make_id(portal)
    )
    with pytest.raises(InterruptedError):
        run(owned_files.COPY, context, taken_in)
    assert names(portal) == ["plan.pdf"]
    portal.clock.turn(hours=25)
    sweep(services, lambda: 60.0)
    assert sorted(names(portal)) == ["plan (copy).pdf", "plan.pdf"]


class NeverCompletes:
    """The table's files until the moment a file would be taken in; there the process is killed."""

    def __init__(self, files: Any) -> None:
        self.files = files

    def complete(self, *_: Any) -> bool:
        raise InterruptedError

    def __getattr__(self, name: str) -> Any:
        return getattr(self.files, name)


@pytest.mark.requirement("R39")
def test_delete_stops_every_link_at_once_and_undo_brings_them_back(portal: Running, do: Do) -> None:
    """The file's state is a condition of every download."""
    file = upload_file(portal, ANA)
    token = link_token(portal, share_files(portal, ANA, [file]))
    do(owned_files.TRASH, file.id)
    with pytest.raises(Gone):
        download_file(portal, token, file)
    assert names(portal) == []
    assert names(portal, trash=True) == ["report.pdf"]
    do(owned_files.RESTORE, file.id)
    assert download_file(portal, token, file)
    assert len(list_records(portal, "recipient.downloaded")) == 2  # one refused, one done


@pytest.mark.requirement("R39", "I3")
def test_the_trash_empties_itself_after_its_grace(portal: Running, do: Do) -> None:
    """The bytes and the row go together, and search words with them."""
    file = upload_file(portal, ANA)
    do(owned_files.TRASH, file.id)
    portal.clock.turn(days=13)
    sweep(portal.portal.services, lambda: 60.0)
    assert names(portal, trash=True) == ["report.pdf"]
    portal.clock.turn(days=2)
    sweep(portal.portal.services, lambda: 60.0)
    assert list_objects(portal) == []
    left = {item["pk"]["S"].split("#")[0] for item in read_state(portal)}
    assert left == {"PERSON", "TOTALS"}  # the counters, both at nothing
    assert portal.portal.services.people.get_usage(ANA.id).bytes == 0


@pytest.mark.requirement("R61")
def test_a_sweep_killed_between_bytes_and_row_goes_on(portal: Running, do: Do) -> None:
    file = upload_file(portal, ANA)
    do(owned_files.TRASH, file.id)
    portal.portal.services.objects.remove(file.key)
    portal.clock.turn(days=15)
    sweep(portal.portal.services, lambda: 60.0)
    assert portal.portal.services.files.get(ANA.id, file.id) is None


def test_a_lifetime_ends_in_the_trash(portal: Running, do: Do) -> None:
    file = upload_file(portal, ANA)
    do(owned_files.KEEP, file.id, days=7)
    portal.clock.turn(days=8)
    sweep(portal.portal.services, lambda: 60.0)
    found = portal.portal.services.files.get(ANA.id, file.id)
    assert found is not None
    assert found.state is FileState.TRASHED
    do(owned_files.RESTORE, file.id)
    sweep(portal.portal.services, lambda: 60.0)
    assert names(portal) == ["report.pdf"]


def test_a_lifetime_may_not_end_before_an_open_share(portal: Running, do: Do) -> None:
    file = upload_file(portal, ANA)
    share_files(portal, ANA, [file])
    do(owned_files.KEEP, file.id, days=30)
    portal.clock.turn(seconds=1)
    with pytest.raises(Conflict):
        do(owned_files.KEEP, file.id, days=7)
    with pytest.raises(Invalid):
        do(owned_files.KEEP, file.id, days=8)


def test_a_share_that_outlives_its_file_keeps_the_file(portal: Running, do: Do) -> None:
    file = upload_file(portal, ANA)
    do(owned_files.KEEP, file.id, days=7)
    made = share_files(portal, ANA, [file], expires_on=portal.clock().date() + timedelta(days=30))
    found = portal.portal.services.files.get(ANA.id, file.id)
    assert found is not None
    assert made.share is not None
    assert found.keep_until == made.share.expires_at
