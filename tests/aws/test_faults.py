"""What lost answers, throttles, conflicts and hung calls do to a share and a download (R49, R50, R59-R61)."""

from __future__ import annotations

import time

import pytest

from portal import queries
from portal.aws import calls
from portal.domain.errors import Unavailable
from portal.domain.files import File
from portal.local.session import LocalPortal
from portal.workflows import share
from tests.aws.faulty import Faults
from tests.builders import Running
from tests.doing import completed, downloaded, new_id, opened, reserved, shared, somebody, token_of

ANA = somebody("Ana Lopes")
WRITE = "TransactWriteItems"


@pytest.fixture
def file(on_embedded: Running, local: LocalPortal) -> File:
    """A file whose bytes were put there by the account, not through the proxy."""
    file = reserved(on_embedded, ANA)
    local.aws.session().client("s3").put_object(
        Bucket=on_embedded.config.files_bucket, Key=file.key, Body=b"twelve bytes",
        ContentType=file.content_type, Metadata={"file": file.id, "owner": file.owner_id},
    )  # fmt: skip
    ready = completed(on_embedded, ANA, file).file
    assert ready is not None
    return ready


@pytest.fixture
def made(on_embedded: Running, file: File) -> share.ShareFiles:
    return shared(on_embedded, ANA, [file], download_limit=1)


def spent(running: Running, made: share.ShareFiles) -> int:
    view = queries.share(ANA, made.about, running.portal.services)
    return view.recipients[0].recipient.download_count


def test_a_lost_answer_spends_once_and_still_gives_the_file(
    on_embedded: Running, faults: Faults, made: share.ShareFiles, file: File
) -> None:
    """T9, R50: done, unheard, tried again by the SDK under the same token."""
    faults.fail(WRITE, "lost")
    assert downloaded(on_embedded, token_of(on_embedded, made), file)
    assert spent(on_embedded, made) == 1


def test_answers_lost_for_good_are_found_again_by_the_same_press(
    on_embedded: Running, faults: Faults, made: share.ShareFiles, file: File
) -> None:
    """R50: the page says try again; the second press finds the first was counted."""
    token, press = token_of(on_embedded, made), new_id(on_embedded)
    faults.fail(WRITE, "lost", times=3)
    with pytest.raises(Unavailable):
        downloaded(on_embedded, token, file, press)
    assert downloaded(on_embedded, token, file, press)
    assert spent(on_embedded, made) == 1


@pytest.mark.parametrize("fault", ["throttle", "broken", "conflict"])
def test_a_passing_fault_is_tried_again(
    on_embedded: Running, faults: Faults, made: share.ShareFiles, file: File, fault: str
) -> None:
    """R60."""
    faults.fail(WRITE, fault, times=2)
    assert downloaded(on_embedded, token_of(on_embedded, made), file)
    assert spent(on_embedded, made) == 1


def test_a_lasting_fault_leaves_no_half(
    on_embedded: Running, faults: Faults, made: share.ShareFiles, file: File
) -> None:
    """R60: unavailable, nothing spent, and the next press works."""
    faults.fail(WRITE, "broken", times=3)
    with pytest.raises(Unavailable):
        downloaded(on_embedded, token_of(on_embedded, made), file)
    assert spent(on_embedded, made) == 0
    assert downloaded(on_embedded, token_of(on_embedded, made), file)


def test_a_share_whose_answer_is_lost_is_one_share(on_embedded: Running, faults: Faults, file: File) -> None:
    """R51, T9."""
    form = new_id(on_embedded)
    faults.fail(WRITE, "lost", times=3)
    with pytest.raises(Unavailable):
        shared(on_embedded, ANA, [file], submission_id=form)
    again = shared(on_embedded, ANA, [file], submission_id=form)
    assert again.again
    assert (
        len(
            [
                each
                for each in queries.shares(ANA, on_embedded.portal.services).items
                if each.id == again.about
            ]
        )
        == 1
    )


def test_a_hung_table_is_a_page_that_says_so_in_time(
    on_embedded: Running, faults: Faults, made: share.ShareFiles
) -> None:
    """R59: 503 with Retry-After before the gateway's 29 s."""
    opened(on_embedded, token_of(on_embedded, made))
    faults.fail("BatchGetItem", "hang", times=3)
    begun = time.monotonic()
    answer = on_embedded.app.test_client().get(
        f"/d/{token_of(on_embedded, made)}", base_url=on_embedded.config.public_url
    )
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert time.monotonic() - begun < 25


def test_every_call_has_its_times_and_tries() -> None:
    """R59, T12, T11: for each service the portal uses."""
    clients = calls.Clients("eu-central-1")
    for service in ("dynamodb", "s3", "sesv2", "cognito-idp"):
        config = clients.get(service).meta.config
        assert (config.connect_timeout, config.read_timeout) == (2, 5)
        assert config.retries["total_max_attempts"] == 3
    assert clients.get("s3").meta.config.signature_version == "s3v4"
