"""Uploading: only what was announced, and matches, becomes a file; in any order, any number of times
(R28-R30).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.domain.errors import Invalid, NotFound, Refusal, TooLarge
from portal.domain.files import File, FileState
from portal.domain.limits import SINGLE_POST_BYTES
from portal.workflows.cancelling import CANCEL, Cancel
from portal.workflows.completion import complete_by_event
from portal.workflows.engine import run
from portal.workflows.sweep import sweep
from tests.builders import Running
from tests.doing import (
    asked_by,
    completed,
    left,
    new_id,
    objects,
    put_object,
    recorded,
    reserved,
    somebody,
    state,
    uploaded,
)

ANA, BEN = somebody("Ana Lopes"), somebody("Ben Okoro")
BODY = b"twelve bytes"


def test_an_announced_upload_becomes_a_file(portal: Running) -> None:
    """R28: with the version and tag that S3 gave, counted once."""
    file = uploaded(portal, ANA, body=BODY)
    assert file.state is FileState.READY
    assert (file.size, bool(file.version_id), bool(file.etag)) == (12, True, True)
    services = portal.portal.services
    assert (services.people.usage(ANA.id).files, services.people.usage(ANA.id).bytes) == (1, 12)
    assert services.people.totals().bytes == 12


def test_completing_again_changes_nothing(portal: Running) -> None:
    """R29: ten times, by the browser and by the bucket's event."""
    file = uploaded(portal, ANA)
    before = state(portal)
    for _ in range(5):
        completed(portal, ANA, file)
        complete_by_event(file.key, portal.portal.services)
    assert state(portal) == before
    assert len(recorded(portal, "file.upload_completed")) == 1


def test_the_event_alone_completes(portal: Running) -> None:
    """R29: the browser went away after the last byte."""
    file = reserved(portal, ANA)
    put_object(portal, file, BODY)
    complete_by_event(file.key, portal.portal.services)
    found = portal.portal.services.files.get(ANA.id, file.id)
    assert found is not None
    assert found.state is FileState.READY


def test_completing_before_the_object_is_there_waits(portal: Running) -> None:
    """R29."""
    file = reserved(portal, ANA)
    before = state(portal)
    assert not completed(portal, ANA, file).arrived
    assert state(portal) == before
    put_object(portal, file, BODY)
    assert completed(portal, ANA, file).arrived


MISMATCHES = {
    "size": {"Body": b"thirteen byte"},
    "type": {"ContentType": "text/html"},
    "owner": {"Metadata": {"file": "x", "owner": "y"}},
}


@pytest.mark.parametrize("what", MISMATCHES)
def test_what_differs_from_the_announcement_is_rejected_and_removed(portal: Running, what: str) -> None:
    """R28: never a file, no bytes left, the reason kept."""
    file = reserved(portal, ANA)
    put_object(portal, file, BODY, **MISMATCHES[what])
    done = completed(portal, ANA, file).file
    assert done is not None
    assert (done.state, done.rejection) == (FileState.REJECTED, what)
    assert objects(portal) == []
    assert portal.portal.services.people.totals().files == 0
    assert completed(portal, ANA, file).file == done


def test_an_object_nobody_announced_never_becomes_a_file(portal: Running) -> None:
    """R28: a guessed key, a foreign owner's key, a key of another shape."""
    file = reserved(portal, ANA)
    before = state(portal)
    for key in (
        f"files/{ANA.id}/{new_id(portal)}",
        f"files/{BEN.id}/{file.id}",
        "x",
        "files/a/b",
        f"{file.key}/x",
    ):
        put_object(portal, file, BODY, Key=key)
        complete_by_event(key, portal.portal.services)
    assert state(portal) == before


def test_somebody_elses_upload_is_not_there(portal: Running) -> None:
    """R11."""
    file = reserved(portal, ANA)
    put_object(portal, file, BODY)
    with pytest.raises(NotFound):
        completed(portal, BEN, file)


def test_posting_again_does_not_change_the_file(portal: Running) -> None:
    """R30: the file stays pinned to the version it had."""
    file = uploaded(portal, ANA)
    put_object(portal, file, b"other bytes!")
    newer = portal.portal.services.objects.head(file.key)
    assert newer is not None
    complete_by_event(file.key, portal.portal.services, version_id=newer.version_id)
    again = portal.portal.services.files.get(ANA.id, file.id)
    assert again == file
    assert len(objects(portal)) == 1
    stored = portal.portal.services.objects.head(file.key, file.version_id)
    assert stored is not None
    assert stored.etag == file.etag


@pytest.mark.parametrize(("size", "refusal"), [(0, Invalid), (-1, Invalid), (5 * 1024**4 + 1, TooLarge)])
def test_empty_and_oversize_are_refused_before_a_form_is_made(
    portal: Running, size: int, refusal: type[Refusal]
) -> None:
    """R31: nothing is reserved."""
    with pytest.raises(refusal):
        reserved(portal, ANA, size=size)
    assert left(portal) == []


def cancel(portal: Running, file: File) -> None:
    context = Cancel(**asked_by(ANA, portal), owner_id=ANA.id, file_id=file.id)
    run(CANCEL, context, portal.portal.services)


def test_a_cancelled_upload_leaves_nothing(portal: Running) -> None:
    """R29: completing after cancelling finds nothing."""
    file = reserved(portal, ANA)
    put_object(portal, file, BODY)
    cancel(portal, file)
    assert objects(portal) == []
    assert left(portal) == []
    complete_by_event(file.key, portal.portal.services)
    assert left(portal) == []


def test_a_form_used_after_cancelling_leaves_no_object(portal: Running) -> None:
    """I3: the POST policy is still valid for minutes; what it brings belongs to nothing."""
    file = reserved(portal, ANA)
    cancel(portal, file)
    put_object(portal, file, BODY)
    complete_by_event(file.key, portal.portal.services)
    assert objects(portal) == []
    assert left(portal) == []


def test_a_finished_upload_cannot_be_cancelled(portal: Running) -> None:
    file = uploaded(portal, ANA)
    with pytest.raises(Refusal, match="finished"):
        cancel(portal, file)


def test_an_upload_that_never_came_is_forgotten(portal: Running) -> None:
    """R38: after a day, and not before; one whose object came after all is taken in."""
    never, late = reserved(portal, ANA), reserved(portal, ANA, "late.pdf")
    put_object(portal, late, BODY)
    portal.clock.turn(hours=23)
    sweep(portal.portal.services, lambda: 60.0)
    assert portal.portal.services.files.get(ANA.id, never.id) is not None
    portal.clock.turn(hours=2)
    sweep(portal.portal.services, lambda: 60.0)
    assert portal.portal.services.files.get(ANA.id, never.id) is None
    kept = portal.portal.services.files.get(ANA.id, late.id)
    assert kept is not None
    assert kept.state is FileState.READY


def test_a_rejected_upload_is_swept(portal: Running) -> None:
    file = reserved(portal, ANA)
    put_object(portal, file, b"wrong")
    completed(portal, ANA, file)
    portal.clock.turn(hours=25)
    sweep(portal.portal.services, lambda: 60.0)
    assert left(portal) == []


def test_a_size_nobody_announced_may_be_anything_up_to_the_most(portal: Running) -> None:
    """R27: the form that works without scripts."""
    file = reserved(portal, ANA, "plain.txt", None)
    assert (file.size, file.most_bytes) == (0, SINGLE_POST_BYTES)
    put_object(portal, file, b"any length at all")
    done = completed(portal, ANA, file).file
    assert done is not None
    assert (done.state, done.size) == (FileState.READY, 17)
    assert replace(done, size=0) != file
