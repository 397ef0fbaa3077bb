"""What lost answers, throttles, conflicts and hung calls do to a share and a download."""

from __future__ import annotations

import pytest

from portal.aws.client import calls
from portal.domain.audit.record import Action, AuditRecord
from portal.domain.errors import Unavailable
from portal.domain.files.file import File
from portal.engine.workflow import run
from portal.local.session import LocalPortal
from portal.queries.shares import get_share, list_shares
from portal.workflows.links import confirmation
from portal.workflows.shares import revoke, sharing
from tests.actions import (
    complete_upload,
    download_file,
    link_token,
    make_id,
    make_person,
    make_unlock,
    reserve_file,
    share_files,
)
from tests.aws.acts import do, issue_code
from tests.aws.faulty import Faults
from tests.builders import Running

pytestmark = pytest.mark.requirement("R49", "R50", "R59", "R60", "R61")

ANA = make_person("Ana Lopes")
WRITE = "TransactWriteItems"


@pytest.fixture
def file(on_embedded: Running, local: LocalPortal) -> File:
    """A file whose bytes were put there by the account, not through the proxy."""
    file = reserve_file(on_embedded, ANA)
    local.aws.session().client("s3").put_object(
        Bucket=on_embedded.config.files_bucket, Key=file.key, Body=b"twelve bytes",
        ContentType=file.content_type, Metadata={"file": file.id, "owner": file.owner_id},
    )  # fmt: skip
    ready = complete_upload(on_embedded, ANA, file).file
    assert ready is not None
    return ready


@pytest.fixture
def made(on_embedded: Running, file: File) -> sharing.ShareFiles:
    return share_files(on_embedded, ANA, [file], download_limit=1)


def count_downloads(running: Running, made: sharing.ShareFiles) -> int:
    view = get_share(ANA, made.about, running.portal.services)
    return view.recipients[0].recipient.download_count


@pytest.mark.requirement("T9")
def test_a_lost_answer_spends_once_and_still_gives_the_file(
    on_embedded: Running, faults: Faults, made: sharing.ShareFiles, file: File
) -> None:
    """Done, unheard, tried again by the SDK under the same token."""
    faults.fail(WRITE, "lost")
    assert download_file(on_embedded, link_token(on_embedded, made), file)
    assert count_downloads(on_embedded, made) == 1


def test_answers_lost_for_good_are_found_again_by_the_same_press(
    on_embedded: Running, faults: Faults, made: sharing.ShareFiles, file: File
) -> None:
    """The page says try again; the second press finds the first was counted."""
    token, press = link_token(on_embedded, made), make_id(on_embedded)
    faults.fail(WRITE, "lost", times=3)
    with pytest.raises(Unavailable):
        download_file(on_embedded, token, file, press)
    assert download_file(on_embedded, token, file, press)
    assert count_downloads(on_embedded, made) == 1


@pytest.mark.parametrize("fault", ["throttle", "broken", "conflict"])
def test_a_passing_fault_is_tried_again(
    on_embedded: Running, faults: Faults, made: sharing.ShareFiles, file: File, fault: str
) -> None:
    faults.fail(WRITE, fault, times=2)
    assert download_file(on_embedded, link_token(on_embedded, made), file)
    assert count_downloads(on_embedded, made) == 1


def test_a_lasting_fault_leaves_no_half(
    on_embedded: Running, faults: Faults, made: sharing.ShareFiles, file: File
) -> None:
    """Unavailable, nothing spent, and the next press works."""
    faults.fail(WRITE, "broken", times=3)
    with pytest.raises(Unavailable):
        download_file(on_embedded, link_token(on_embedded, made), file)
    assert count_downloads(on_embedded, made) == 0
    assert download_file(on_embedded, link_token(on_embedded, made), file)


@pytest.mark.requirement("R51", "T9")
def test_a_share_whose_answer_is_lost_is_one_share(on_embedded: Running, faults: Faults, file: File) -> None:
    form = make_id(on_embedded)
    faults.fail(WRITE, "lost", times=3)
    with pytest.raises(Unavailable):
        share_files(on_embedded, ANA, [file], submission_id=form)
    again = share_files(on_embedded, ANA, [file], submission_id=form)
    assert again.again
    assert (
        len(
            [
                each
                for each in list_shares(ANA, on_embedded.portal.services).items
                if each.share.id == again.about
            ]
        )
        == 1
    )


@pytest.mark.requirement("R74")
def test_a_confirmed_code_whose_answers_are_lost_is_confirmed_by_pressing_again(
    on_embedded: Running, faults: Faults, file: File
) -> None:
    services, done = on_embedded.portal.services, share_files(on_embedded, ANA, [file], confirm=True)
    token = link_token(on_embedded, done)
    press = make_unlock(on_embedded, token, code_id=issue_code(on_embedded, token, "123456"), code="123456")
    faults.fail(WRITE, "lost", times=3)
    with pytest.raises(Unavailable):
        run(confirmation.CONFIRM_ADDRESS, press, services)
    assert run(confirmation.CONFIRM_ADDRESS, press, services).proof
    assert [each.outcome for each in history(on_embedded, done.about, Action.ADDRESS_CONFIRMED)] == ["done"]


def history(running: Running, about: str, action: Action) -> list[AuditRecord]:
    """The records of one action on a thing."""
    found = running.portal.services.audit.list_about(about, None, 50).items
    return [each for each in found if each.action is action]


@pytest.mark.requirement("R74")
def test_what_was_done_unheard_is_not_recorded_as_refused(
    on_embedded: Running, faults: Faults, made: sharing.ShareFiles
) -> None:
    faults.fail(WRITE, "lost", times=3)
    with pytest.raises(Unavailable):
        do(on_embedded, revoke.WITHDRAW_SHARE, revoke.Withdraw, share_id=made.about)
    records = history(on_embedded, made.about, Action.SHARE_WITHDRAWN)
    assert [each.outcome for each in records] == ["done"]


@pytest.mark.requirement("T11", "T12")
def test_every_call_has_its_times_and_tries() -> None:
    """For each service the portal uses."""
    clients = calls.Clients("eu-central-1")
    for service in ("dynamodb", "s3", "sesv2", "cognito-idp"):
        config = clients.get(service).meta.config
        assert (config.connect_timeout, config.read_timeout) == (2, 5)
        # An email whose answer was lost may have been taken: nobody sends it again without knowing that.
        assert config.retries["total_max_attempts"] == (1 if service == "sesv2" else 3)
    assert clients.get("s3").meta.config.signature_version == "s3v4"
