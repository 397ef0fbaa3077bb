"""Uploading: only what was announced, and matches, becomes a file; in any order, any number of times."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.domain.errors import Invalid, NotFound, Refusal, TooLarge
from portal.domain.files.file import File, FileState
from portal.domain.policy.limits import SINGLE_POST_BYTES
from portal.engine.workflow import run
from portal.workflows.upkeep.sweep import sweep
from portal.workflows.uploads.cancelling import CANCEL, Cancel
from portal.workflows.uploads.completion import complete_by_event
from tests.actions import (
    complete_upload,
    list_objects,
    list_records,
    list_remains,
    make_id,
    make_person,
    make_request,
    put_object,
    read_state,
    reserve_file,
    upload_file,
)
from tests.builders import Running

pytestmark = pytest.mark.requirement("R28", "R29", "R30")

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
BODY = b"twelve bytes"


def test_an_announced_upload_becomes_a_file(portal: Running) -> None:
    """With the version and tag that S3 gave, counted once."""
    file = upload_file(portal, ANA, body=BODY)
    assert file.state is FileState.READY
    assert (file.size, bool(file.version_id), bool(file.etag)) == (12, True, True)
    services = portal.portal.services
    assert (services.people.get_usage(ANA.id).files, services.people.get_usage(ANA.id).bytes) == (1, 12)
    assert services.people.get_totals().bytes == 12


def test_completing_again_changes_nothing(portal: Running) -> None:
    """Ten times, by the browser and by the bucket's event."""
    file = upload_file(portal, ANA)
    before = read_state(portal)
    for _ in range(5):
        complete_upload(portal, ANA, file)
        complete_by_event(file.key, portal.portal.services)
    assert read_state(portal) == before
    assert len(list_records(portal, "file.upload_completed")) == 1


def test_the_event_alone_completes(portal: Running) -> None:
    """The browser went away after the last byte."""
    file = reserve_file(portal, ANA)
    put_object(portal, file, BODY)
    complete_by_event(file.key, portal.portal.services)
    found = portal.portal.services.files.get(ANA.id, file.id)
    assert found is not None
    assert found.state is FileState.READY


def test_completing_before_the_object_is_there_waits(portal: Running) -> None:
    file = reserve_file(portal, ANA)
    before = read_state(portal)
    assert not complete_upload(portal, ANA, file).arrived
    assert read_state(portal) == before
    put_object(portal, file, BODY)
    assert complete_upload(portal, ANA, file).arrived


MISMATCHES = {
    "size": {"Body": b"thirteen byte"},
    "type": {"ContentType": "text/html"},
    "owner": {"Metadata": {"file": "x", "owner": "y"}},
}


@pytest.mark.parametrize("what", MISMATCHES)
def test_what_differs_from_the_announcement_is_rejected_and_removed(portal: Running, what: str) -> None:
    """Never a file, no bytes left, the reason kept."""
    file = reserve_file(portal, ANA)
    put_object(portal, file, BODY, **MISMATCHES[what])
    done = complete_upload(portal, ANA, file).file
    assert done is not None
    assert (done.state, done.rejection) == (FileState.REJECTED, what)
    assert list_objects(portal) == []
    assert portal.portal.services.people.get_totals().files == 0
    assert complete_upload(portal, ANA, file).file == done


def test_an_object_nobody_announced_never_becomes_a_file(portal: Running) -> None:
    """A guessed key, a foreign owner's key, a key of another shape."""
    file = reserve_file(portal, ANA)
    before = read_state(portal)
    for key in (
        f"files/{ANA.id}/{make_id(portal)}",
        f"files/{BEN.id}/{file.id}",
        "x",
        "files/a/b",
        f"{file.key}/x",
    ):
        put_object(portal, file, BODY, Key=key)
        complete_by_event(key, portal.portal.services)
    assert read_state(portal) == before


@pytest.mark.requirement("R11")
def test_somebody_elses_upload_is_not_there(portal: Running) -> None:
    file = reserve_file(portal, ANA)
    put_object(portal, file, BODY)
    with pytest.raises(NotFound):
        complete_upload(portal, BEN, file)


def test_posting_again_does_not_change_the_file(portal: Running) -> None:
    """The file stays pinned to the version it had."""
    file = upload_file(portal, ANA)
    put_object(portal, file, b"other bytes!")
    newer = portal.portal.services.objects.head(file.key)
    assert newer is not None
    complete_by_event(file.key, portal.portal.services, version_id=newer.version_id)
    again = portal.portal.services.files.get(ANA.id, file.id)
    assert again == file
    assert len(list_objects(portal)) == 1
    stored = portal.portal.services.objects.head(file.key, file.version_id)
    assert stored is not None
    assert stored.etag == file.etag


@pytest.mark.requirement("R31")
@pytest.mark.parametrize(("size", "refusal"), [(0, Invalid), (-1, Invalid), (5 * 1024**4 + 1, TooLarge)])
def test_empty_and_oversize_are_refused_before_a_form_is_made(
    portal: Running, size: int, refusal: type[Refusal]
) -> None:
    """Nothing is reserved."""
    with pytest.raises(refusal):
        reserve_file(portal, ANA, size=size)
    assert list_remains(portal) == []


def cancel(portal: Running, file: File) -> None:
    context = Cancel(make_request(ANA, portal), owner_id=ANA.id, file_id=file.id)
    run(CANCEL, context, portal.portal.services)


def test_a_cancelled_upload_leaves_nothing(portal: Running) -> None:
    """Completing after cancelling finds nothing."""
    file = reserve_file(portal, ANA)
    put_object(portal, file, BODY)
    cancel(portal, file)
    assert list_objects(portal) == []
    assert list_remains(portal) == []
    complete_by_event(file.key, portal.portal.services)
    assert list_remains(portal) == []


@pytest.mark.requirement("I3")
def test_a_form_used_after_cancelling_leaves_no_object(portal: Running) -> None:
    """The POST policy is still valid for minutes; what it brings belongs to nothing."""
    file = reserve_file(portal, ANA)
    cancel(portal, file)
    put_object(portal, file, BODY)
    complete_by_event(file.key, portal.portal.services)
    assert list_objects(portal) == []
    assert list_remains(portal) == []


def test_a_finished_upload_cannot_be_cancelled(portal: Running) -> None:
    file = upload_file(portal, ANA)
    with pytest.raises(Refusal, match="finished"):
        cancel(portal, file)


@pytest.mark.requirement("R38")
def test_an_upload_that_never_came_is_forgotten(portal: Running) -> None:
    """After a day, and not before; one whose object came after all is taken in."""
    never, late = reserve_file(portal, ANA), reserve_file(portal, ANA, "late.pdf")
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
    file = reserve_file(portal, ANA)
    put_object(portal, file, b"wrong")
    complete_upload(portal, ANA, file)
    portal.clock.turn(hours=25)
    sweep(portal.portal.services, lambda: 60.0)
    assert list_remains(portal) == []


@pytest.mark.requirement("R27")
def test_a_size_nobody_announced_may_be_anything_up_to_the_most(portal: Running) -> None:
    """The form that works without scripts."""
    file = reserve_file(portal, ANA, "plain.txt", None)
    assert (file.size, file.most_bytes) == (0, SINGLE_POST_BYTES)
    put_object(portal, file, b"any length at all")
    done = complete_upload(portal, ANA, file).file
    assert done is not None
    assert (done.state, done.size) == (FileState.READY, 17)
    assert replace(done, size=0) != file
