"""Files in parts: signed on demand, put together once, given up without leaving anything."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from portal.domain.errors import Conflict, Invalid, NotFound, Refusal
from portal.domain.files.file import File, FileState
from portal.domain.uploads.parts import AskedPart
from portal.engine.workflow import draft_record, run
from portal.workflows.files.owned_files import ChangeFile, check_copy_size
from portal.workflows.uploads import cancelling, completion, signing
from portal.workflows.uploads.own_upload import GivenUp
from tests.actions import (
    list_objects,
    list_records,
    list_remains,
    make_id,
    make_person,
    make_request,
    read_state,
    reserve_file,
)
from tests.builders import Clock, Running, make_running
from tests.parts import (
    BODIES,
    EACH,
    SMALL,
    WHOLE,
    announce_film,
    begin_upload,
    put_part,
    put_together,
    sign_film_parts,
    to_base64,
    uploads,
)

pytestmark = pytest.mark.requirement("R30", "R31", "R32", "R33", "R38")

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
SHA256 = hashlib.sha256(WHOLE).hexdigest()


@pytest.fixture
def portal(aws: None, clock: Clock) -> Running:
    return make_running(clock, **SMALL)


def cancel(portal: Running, file: File) -> None:
    context = cancelling.Cancel(make_request(ANA, portal), owner_id=ANA.id, file_id=file.id)
    run(cancelling.CANCEL, context, portal.portal.services)


def now_of(portal: Running, file: File) -> File | None:
    return portal.portal.services.files.get(file.owner_id, file.id)


def test_above_the_threshold_a_file_comes_in_parts(portal: Running) -> None:
    """One byte decides; nothing is begun at S3 before the first part is asked for."""
    assert reserve_file(portal, ANA, size=EACH).part_bytes == 0
    assert reserve_file(portal, ANA, size=EACH + 1).part_bytes == EACH
    assert uploads(portal) == []


def test_a_file_in_parts_becomes_one_file(portal: Running) -> None:
    """Parts in any order; the whole's hash is kept, and S3's own tag and version."""
    file = begin_upload(portal, ANA, 3, 1, 2)
    ready = put_together(portal, ANA, file, SHA256)
    assert (ready.state, ready.size, ready.sha256) == (FileState.READY, len(WHOLE), SHA256)
    assert ready == now_of(portal, file)
    assert ready.etag.endswith("-3")
    assert uploads(portal) == []
    assert [len(list_records(portal, f"file.upload_{each}")) for each in ("begun", "completed")] == [1, 1]


def test_an_address_is_for_one_part_of_one_size_with_one_hash(portal: Running) -> None:
    """15 minutes; size and hash are headers within the signature, the last part's size its own."""
    file = announce_film(portal, ANA)
    done = sign_film_parts(portal, ANA, file, 1, 3)
    for part, number in zip(done.signed, (1, 3), strict=True):
        asked = parse_qs(urlsplit(part.url).query)
        assert asked["partNumber"] == [str(number)]
        assert asked["uploadId"] == [done.required_file.upload_id]
        assert asked["X-Amz-Expires"] == ["900"]
        assert asked["X-Amz-SignedHeaders"] == ["content-length;host;x-amz-checksum-sha256"]
        assert part.headers == {"x-amz-checksum-sha256": to_base64(BODIES[number - 1])}
        assert urlsplit(part.url).path.endswith(file.key)


@pytest.mark.parametrize("numbers", [(), (0,), (4,), (10_001,), (-1,), (1, 1), tuple(range(1, 34))])
def test_numbers_that_are_no_parts_are_refused(portal: Running, numbers: tuple[int, ...]) -> None:
    """Nothing is begun for them."""
    file = announce_film(portal, ANA)
    before = read_state(portal)
    asked = tuple(map(AskedPart, numbers))
    context = signing.Sign(make_request(ANA, portal), owner_id=ANA.id, file_id=file.id, asked=asked)
    with pytest.raises(Invalid):
        run(signing.SIGN_PARTS, context, portal.portal.services)
    assert read_state(portal) == before
    assert uploads(portal) == []


def test_two_who_begin_at_once_begin_one_upload(portal: Running) -> None:
    """Whoever is not written down gives up what they began."""
    file = announce_film(portal, ANA)
    first = sign_film_parts(portal, ANA, file, 1).required_file
    late = signing.Sign(
        make_request(ANA, portal), owner_id=ANA.id, file_id=file.id, asked=(AskedPart(1),), file=file
    )  # as it read the row before
    late = replace(late, record=draft_record(signing.SIGN_PARTS, late))
    assert signing.begin(late, portal.portal.services).required_file.upload_id == first.upload_id
    assert uploads(portal) == [first.upload_id]


def test_a_missing_or_short_part_is_named(portal: Running) -> None:
    """What S3 lists decides; the upload goes on afterwards."""
    file = begin_upload(portal, ANA, 1)
    put_part(portal, file, 2, b"b" * (EACH + 1))
    with pytest.raises(completion.PartsMissing) as refused:
        put_together(portal, ANA, file, SHA256)
    assert refused.value.extensions == {"missing": [2, 3]}
    assert list_objects(portal) == []
    for number in (2, 3):
        put_part(portal, file, number)
    assert put_together(portal, ANA, file, SHA256).state is FileState.READY


def test_nothing_sent_at_all_is_every_part_missing(portal: Running) -> None:
    file = announce_film(portal, ANA)
    with pytest.raises(completion.PartsMissing) as refused:
        put_together(portal, ANA, file)
    assert refused.value.extensions == {"missing": [1, 2, 3]}


def test_a_part_sent_twice_counts_once_and_as_it_was_last(portal: Running) -> None:
    file = begin_upload(portal, ANA, 1, 2, 3)
    put_part(portal, file, 1, b"z" * EACH)
    assert put_together(portal, ANA, file).size == len(WHOLE)


@pytest.mark.requirement("R29")
def test_completing_again_changes_nothing(portal: Running) -> None:
    """From the browser and by the bucket's event."""
    file = begin_upload(portal, ANA, 1, 2, 3)
    ready = put_together(portal, ANA, file)
    before = read_state(portal)
    assert put_together(portal, ANA, file) == ready
    completion.complete_by_event(file.key, portal.portal.services)
    assert read_state(portal) == before
    assert len(list_records(portal, "file.upload_completed")) == 1


@pytest.mark.requirement("R61")
def test_the_event_takes_in_what_was_put_together(portal: Running) -> None:
    """Killed right after S3 had put the parts together; the hash is there already."""
    file = begin_upload(portal, ANA, 1, 2, 3)
    services = portal.portal.services
    assert services.files.keep_hash(file, SHA256, None)
    assert services.parts.finish(file, services.parts.list_parts(file) or []) == "done"
    completion.complete_by_event(file.key, services)
    known = now_of(portal, file)
    assert known is not None
    assert (known.state, known.sha256) == (FileState.READY, SHA256)


def test_a_lost_answer_is_seen_by_looking(portal: Running) -> None:
    """S3 knows no such upload any more, and the object is there."""
    file = begin_upload(portal, ANA, 1, 2, 3)
    services = portal.portal.services
    parts = services.parts.list_parts(file) or []
    assert services.parts.finish(file, parts) == "done"
    assert services.parts.list_parts(file) is None
    assert services.parts.finish(file, parts) in {"upload_gone", "done"}  # S3 answers either, with time
    assert put_together(portal, ANA, file, SHA256).sha256 == SHA256


def test_a_part_changed_between_listing_and_completing_is_asked_about_again(portal: Running) -> None:
    """A wrong ETag completes nothing."""
    file = begin_upload(portal, ANA, 1, 2, 3)
    services = portal.portal.services
    parts = services.parts.list_parts(file) or []
    wrong = [replace(parts[0], etag='"00000000000000000000000000000000"'), *parts[1:]]
    assert services.parts.finish(file, wrong) == "part_changed"
    assert services.parts.finish(file, parts[::-1]) == "part_changed"
    assert put_together(portal, ANA, file).state is FileState.READY


def test_nothing_is_signed_once_it_is_finished(portal: Running) -> None:
    file = begin_upload(portal, ANA, 1, 2, 3)
    put_together(portal, ANA, file)
    with pytest.raises(Conflict):
        sign_film_parts(portal, ANA, file, 1)


def test_cancelled_it_leaves_nothing_and_can_neither_go_on_nor_complete(portal: Running) -> None:
    """Abort, then sign, complete, cancel again."""
    file = begin_upload(portal, ANA, 1, 2)
    cancel(portal, file)
    assert (uploads(portal), list_remains(portal)) == ([], [])
    for late in (lambda: sign_film_parts(portal, ANA, file, 3), lambda: put_together(portal, ANA, file)):
        with pytest.raises(NotFound):
            late()
    with pytest.raises(NotFound):
        cancel(portal, file)


def test_cancelling_what_is_finished_is_refused(portal: Running) -> None:
    """Complete, then abort."""
    file = begin_upload(portal, ANA, 1, 2, 3)
    put_together(portal, ANA, file)
    with pytest.raises(Refusal, match="finished"):
        cancel(portal, file)
    assert list_objects(portal) == [file.key]


def test_an_upload_that_s3_gave_up_says_so(portal: Running) -> None:
    """By the bucket's own rule, say; a clear end instead of parts that are sent in vain."""
    file = begin_upload(portal, ANA, 1, 2, 3)
    portal.portal.services.parts.abort(file.key)
    with pytest.raises(GivenUp):
        put_together(portal, ANA, file)


@pytest.mark.requirement("R11")
def test_somebody_elses_upload_is_not_there(portal: Running) -> None:
    file = begin_upload(portal, ANA, 1)
    before = read_state(portal)
    for late in (lambda: sign_film_parts(portal, BEN, file, 2), lambda: put_together(portal, BEN, file)):
        with pytest.raises(NotFound):
            late()
    assert read_state(portal) == before


def test_another_hash_than_announced_is_a_file_that_changed(portal: Running) -> None:
    file = announce_film(portal, ANA, sha256="0" * 64)
    file = sign_film_parts(portal, ANA, file, 1).required_file
    for number in (1, 2, 3):
        put_part(portal, file, number)
    with pytest.raises(Conflict, match="changed"):
        put_together(portal, ANA, file, SHA256)
    assert list_objects(portal) == []


def test_a_fresh_form_is_for_what_is_sent_in_one_piece(portal: Running) -> None:
    """Of the same key and size; not for parts, and not once it is over."""
    small, large = reserve_file(portal, ANA), announce_film(portal, ANA)

    def form(file_id: str) -> signing.Sign:
        context = signing.Sign(make_request(ANA, portal), owner_id=ANA.id, file_id=file_id)
        return run(signing.SIGN_FORM, context, portal.portal.services)

    made = form(small.id).form
    assert made is not None
    assert made.fields["key"] == small.key
    with pytest.raises(Conflict):
        form(large.id)
    with pytest.raises(NotFound):
        form(make_id(portal))


def test_what_s3_copies_in_no_one_call_is_refused(portal: Running) -> None:
    """CopyObject takes 5 GiB at most; nothing is reserved for more."""
    file = put_together(portal, ANA, begin_upload(portal, ANA, 1, 2, 3))
    context = ChangeFile(make_request(ANA, portal), file_id=file.id, file=replace(file, size=5 * 1024**3))
    assert check_copy_size(context, portal.portal.services) is context
    with pytest.raises(Conflict, match="cannot be copied"):
        check_copy_size(replace(context, file=replace(file, size=5 * 1024**3 + 1)), portal.portal.services)
