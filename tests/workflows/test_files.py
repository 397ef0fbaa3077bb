"""What an owner does with a file, and what time does with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from portal import queries
from portal.domain.errors import Conflict, Gone, Invalid, NotFound
from portal.domain.files import FileState
from portal.workflows import files
from portal.workflows.engine import Workflow, run
from portal.workflows.sweep import sweep
from tests.builders import Running
from tests.doing import (
    asked_by,
    downloaded,
    new_id,
    objects,
    recorded,
    shared,
    somebody,
    state,
    token_of,
    uploaded,
)

ANA, BEN = somebody("Ana Lopes"), somebody("Ben Okoro")
Do = Callable[..., files.ChangeFile]
Change = Workflow[files.ChangeFile]
CHANGES = [files.RENAME, files.TRASH, files.RESTORE, files.COPY, files.KEEP, files.PURGE]


@pytest.fixture
def do(portal: Running) -> Do:
    def change(workflow: Change, file_id: str, person: Any = ANA, **asked: Any) -> files.ChangeFile:
        context = files.ChangeFile(**asked_by(person, portal), file_id=file_id, **asked)
        return run(workflow, context, portal.portal.services)

    return change


def names(portal: Running, **asked: Any) -> list[str]:
    return [file.name for file in queries.files(ANA, portal.portal.services, **asked).files.items]


def test_a_list_sorts_by_time_name_and_size(portal: Running) -> None:
    for name, body in (("b.txt", b"22"), ("C.txt", b"1"), ("a.txt", b"333")):
        portal.clock.turn(seconds=1)
        uploaded(portal, ANA, name, body)
    assert names(portal) == ["a.txt", "C.txt", "b.txt"]
    assert names(portal, order="name") == ["a.txt", "b.txt", "C.txt"]
    assert names(portal, order="size") == ["a.txt", "b.txt", "C.txt"]
    assert names(portal, order="size", descending=False) == ["C.txt", "b.txt", "a.txt"]


def test_a_list_goes_on_at_its_cursor_and_at_nobody_elses(portal: Running) -> None:
    """R62."""
    for number in range(queries.PAGE_ROWS + 5):
        portal.clock.turn(seconds=1)
        uploaded(portal, ANA, f"{number}.txt")
    services = portal.portal.services
    first = queries.files(ANA, services)
    second = queries.files(ANA, services, cursor=first.files.next)
    assert len(first.files.items) == queries.PAGE_ROWS
    assert [file.name for file in second.files.items] == ["4.txt", "3.txt", "2.txt", "1.txt", "0.txt"]
    for person, cursor in ((BEN, first.files.next), (ANA, "x" * 80), (ANA, "%%%"), (ANA, "é")):
        with pytest.raises(Invalid):
            queries.files(person, services, cursor=cursor)


def test_search_finds_words_by_their_beginning(portal: Running, do: Do) -> None:
    file = uploaded(portal, ANA, "Quarterly report 2026.pdf")
    uploaded(portal, ANA, "report draft.pdf")
    assert names(portal, search="quart") == ["Quarterly report 2026.pdf"]
    assert names(portal, search="2026 REPO") == ["Quarterly report 2026.pdf"]
    assert len(names(portal, search="report")) == 2
    assert names(portal, search="missing") == names(portal, search="?!") == []
    do(files.RENAME, file.id, name="Summary 2026.pdf")
    assert names(portal, search="quarterly") == []
    assert names(portal, search="summary") == ["Summary 2026.pdf"]
    do(files.TRASH, file.id)
    assert names(portal, search="summary") == []


def test_a_name_is_made_safe_when_it_is_changed(portal: Running, do: Do) -> None:
    """R34."""
    file = uploaded(portal, ANA)
    do(files.RENAME, file.id, name="../x\u202efdp.exe")
    assert names(portal) == ["xfdp.exe"]
    with pytest.raises(Invalid):
        do(files.RENAME, file.id, name="  ")


@pytest.mark.parametrize("workflow", CHANGES, ids=lambda each: each.name)
def test_somebody_elses_file_is_not_there(portal: Running, do: Do, workflow: Change) -> None:
    """R11."""
    file = uploaded(portal, ANA)
    before = state(portal)
    with pytest.raises(NotFound):
        do(workflow, file.id, person=BEN, name="x", days=30, submission_id=new_id(portal))
    assert state(portal) == before


def test_a_copy_is_made_once_and_is_a_file_of_its_own(portal: Running, do: Do) -> None:
    """R51's rule for copies: the same form twice is one copy."""
    file = uploaded(portal, ANA, "plan.pdf")
    form = new_id(portal)
    first, second = (do(files.COPY, file.id, submission_id=form).file for _ in range(2))
    assert first is not None
    assert second is not None
    assert first.id == second.id != file.id
    assert sorted(names(portal)) == ["plan (copy).pdf", "plan.pdf"]
    do(files.TRASH, file.id)
    do(files.PURGE, file.id)
    assert objects(portal) == [first.key]


def test_a_copy_that_was_interrupted_is_finished(portal: Running, do: Do) -> None:
    """R61, I3: killed after the bytes were copied and before they were taken in."""
    file = uploaded(portal, ANA, "plan.pdf")
    services = portal.portal.services
    taken_in = replace(services, files=NeverCompletes(services.files))
    context = files.ChangeFile(**asked_by(ANA, portal), file_id=file.id, submission_id=new_id(portal))
    with pytest.raises(InterruptedError):
        run(files.COPY, context, taken_in)
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


def test_delete_stops_every_link_at_once_and_undo_brings_them_back(portal: Running, do: Do) -> None:
    """R39: the file's state is a condition of every download."""
    file = uploaded(portal, ANA)
    token = token_of(portal, shared(portal, ANA, [file]))
    do(files.TRASH, file.id)
    with pytest.raises(Gone):
        downloaded(portal, token, file)
    assert names(portal) == []
    assert names(portal, trash=True) == ["report.pdf"]
    do(files.RESTORE, file.id)
    assert downloaded(portal, token, file)
    assert len(recorded(portal, "recipient.downloaded")) == 2  # one refused, one done


def test_the_trash_empties_itself_after_its_grace(portal: Running, do: Do) -> None:
    """R39, I3: the bytes and the row go together, and search words with them."""
    file = uploaded(portal, ANA)
    do(files.TRASH, file.id)
    portal.clock.turn(days=13)
    sweep(portal.portal.services, lambda: 60.0)
    assert names(portal, trash=True) == ["report.pdf"]
    portal.clock.turn(days=2)
    sweep(portal.portal.services, lambda: 60.0)
    assert objects(portal) == []
    left = {item["pk"]["S"].split("#")[0] for item in state(portal)}
    assert left == {"PERSON", "TOTALS"}  # the counters, both at nothing
    assert portal.portal.services.people.usage(ANA.id).bytes == 0


def test_a_sweep_killed_between_bytes_and_row_goes_on(portal: Running, do: Do) -> None:
    """R61."""
    file = uploaded(portal, ANA)
    do(files.TRASH, file.id)
    portal.portal.services.objects.remove(file.key)
    portal.clock.turn(days=15)
    sweep(portal.portal.services, lambda: 60.0)
    assert portal.portal.services.files.get(ANA.id, file.id) is None


def test_a_lifetime_ends_in_the_trash(portal: Running, do: Do) -> None:
    file = uploaded(portal, ANA)
    do(files.KEEP, file.id, days=7)
    portal.clock.turn(days=8)
    sweep(portal.portal.services, lambda: 60.0)
    found = portal.portal.services.files.get(ANA.id, file.id)
    assert found is not None
    assert found.state is FileState.TRASHED
    do(files.RESTORE, file.id)
    sweep(portal.portal.services, lambda: 60.0)
    assert names(portal) == ["report.pdf"]


def test_a_lifetime_may_not_end_before_an_open_share(portal: Running, do: Do) -> None:
    file = uploaded(portal, ANA)
    shared(portal, ANA, [file])
    do(files.KEEP, file.id, days=30)
    portal.clock.turn(seconds=1)
    with pytest.raises(Conflict):
        do(files.KEEP, file.id, days=7)
    with pytest.raises(Invalid):
        do(files.KEEP, file.id, days=8)


def test_a_share_that_outlives_its_file_keeps_the_file(portal: Running, do: Do) -> None:
    file = uploaded(portal, ANA)
    do(files.KEEP, file.id, days=7)
    made = shared(portal, ANA, [file], expires_on=portal.clock().date() + timedelta(days=30))
    found = portal.portal.services.files.get(ANA.id, file.id)
    assert found is not None
    assert made.share is not None
    assert found.keep_until == made.share.expires_at
