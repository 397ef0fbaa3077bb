"""What lost answers, 503 and 500 of S3 do to a file in parts."""

from __future__ import annotations

import pytest

from portal.domain.errors import Unavailable
from portal.domain.files.file import File, FileState
from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.local.session import LocalPortal
from portal.workflows.upkeep.sweep import sweep_pending
from portal.workflows.uploads import cancelling
from tests.actions import make_person, make_request
from tests.aws.faulty import Faults
from tests.builders import Running
from tests.parts import BODIES, announce_film, put_together, sign_film_parts, to_base64

pytestmark = pytest.mark.requirement("R31", "R60", "R61")

PASSING = [(fault, times) for fault in ("lost", "slow", "broken") for times in (1, 2)]


@pytest.fixture
def ana(on_embedded: Running) -> Person:
    """Someone of this test alone: the table is every test's."""
    return make_person(f"Ana {on_embedded.clock.now.timestamp()}")


@pytest.fixture
def sent(on_embedded: Running, local: LocalPortal, ana: Person) -> File:
    """A file all of whose parts have come; the account put them there, not through the proxy."""
    file = sign_film_parts(on_embedded, ana, announce_film(on_embedded, ana), 1).required_file
    s3 = local.aws.session().client("s3")
    for number, body in enumerate(BODIES, 1):
        s3.upload_part(
            Bucket=on_embedded.config.files_bucket, Key=file.key, UploadId=file.upload_id, PartNumber=number,
            Body=body, ChecksumSHA256=to_base64(body),
        )  # fmt: skip
    return file


def uploads(running: Running, file: File) -> list[str]:
    found: list[str] = running.portal.services.parts.list_uploads(file.key)  # type: ignore[attr-defined]
    return found


def cancel(running: Running, ana: Person, file: File) -> None:
    context = cancelling.Cancel(make_request(ana, running), owner_id=ana.id, file_id=file.id)
    run(cancelling.CANCEL, context, running.portal.services)


@pytest.mark.parametrize(("fault", "times"), PASSING)
def test_a_passing_fault_while_completing_is_one_file(
    on_embedded: Running, faults: Faults, ana: Person, sent: File, fault: str, times: int
) -> None:
    """Tried again; what was done unheard is recognised by looking."""
    faults.fail("CompleteMultipartUpload", fault, times)
    assert put_together(on_embedded, ana, sent).state is FileState.READY
    assert faults.seen["CompleteMultipartUpload"] == times + 1


def test_an_answer_lost_for_good_is_seen_by_looking(
    on_embedded: Running, faults: Faults, ana: Person, sent: File
) -> None:
    """S3 had put the parts together the first time."""
    faults.fail("CompleteMultipartUpload", "lost", 3)
    assert put_together(on_embedded, ana, sent).state is FileState.READY


def test_a_lasting_fault_while_completing_is_asked_about_again(
    on_embedded: Running, faults: Faults, ana: Person, sent: File
) -> None:
    """202 for the browser: nothing has arrived yet; the next question completes it."""
    faults.fail("CompleteMultipartUpload", "slow", 3)
    assert put_together(on_embedded, ana, sent, "0" * 64).state is FileState.PENDING
    assert put_together(on_embedded, ana, sent).sha256 == "0" * 64


@pytest.mark.parametrize("operation", ["ListParts", "HeadObject"])
def test_where_nobody_can_look_nothing_is_half_done(
    on_embedded: Running, faults: Faults, ana: Person, sent: File, operation: str
) -> None:
    """503, and the same question again succeeds."""
    faults.fail(operation, "broken", 3)
    with pytest.raises(Unavailable):
        put_together(on_embedded, ana, sent)
    assert put_together(on_embedded, ana, sent).state is FileState.READY


@pytest.mark.requirement("R38")
@pytest.mark.parametrize("times", [1, 3])
def test_an_upload_begun_unheard_leaves_nothing_at_the_end(
    on_embedded: Running, faults: Faults, ana: Person, times: int
) -> None:
    """S3 has more uploads of this key than the row knows; giving up finds them all."""
    file = announce_film(on_embedded, ana)
    faults.fail("CreateMultipartUpload", "lost", times)
    if times == 3:
        with pytest.raises(Unavailable):
            sign_film_parts(on_embedded, ana, file, 1)
    file = sign_film_parts(on_embedded, ana, file, 1).required_file
    assert len(uploads(on_embedded, file)) == times + 1
    cancel(on_embedded, ana, file)
    assert uploads(on_embedded, file) == []


@pytest.mark.parametrize(("fault", "times"), PASSING)
def test_a_passing_fault_while_cancelling_leaves_nothing(
    on_embedded: Running, faults: Faults, ana: Person, sent: File, fault: str, times: int
) -> None:
    """A lost answer is followed by one that knows no such upload, which is as good."""
    faults.fail("AbortMultipartUpload", fault, times)
    cancel(on_embedded, ana, sent)
    assert uploads(on_embedded, sent) == []
    assert on_embedded.portal.services.files.get(ana.id, sent.id) is None
    assert (
        on_embedded.portal.services.quotas.get_allowance(ana.id, on_embedded.portal.services.limits).files
        == 0
    )


@pytest.mark.requirement("R38")
def test_a_lasting_fault_while_cancelling_is_finished_by_the_sweep(
    on_embedded: Running, faults: Faults, ana: Person, sent: File
) -> None:
    """The row stays, and with it the quota and the way back to the parts."""
    faults.fail("AbortMultipartUpload", "slow", 3)
    with pytest.raises(Unavailable):
        cancel(on_embedded, ana, sent)
    left = on_embedded.portal.services.files.get(ana.id, sent.id)
    if left is not None:  # the portal on the same AWS sweeps each minute, and may be quicker
        assert left.is_given_up
        assert (
            on_embedded.portal.services.quotas.get_allowance(ana.id, on_embedded.portal.services.limits).files
            == 1
        )
    on_embedded.clock.turn(hours=25)
    sweep_pending(sent, on_embedded.portal.services)
    assert uploads(on_embedded, sent) == []
    assert (
        on_embedded.portal.services.quotas.get_allowance(ana.id, on_embedded.portal.services.limits).files
        == 0
    )
