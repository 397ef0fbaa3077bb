"""Who has everything of a share is kept by the transactions that change it; who was there, by the log."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.aws.client.keys import recipient_key
from portal.aws.client.writes import Write, update
from portal.domain.files.file import File
from portal.domain.shares.share import Recipient, Share
from portal.engine.workflow import run
from portal.workflows.shares.adding import ADD_RECIPIENTS
from portal.workflows.shares.give_back import GIVE_BACK, GiveBack
from portal.workflows.shares.recipients import AddRecipients
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    download_file,
    link_token,
    list_rows,
    make_person,
    make_request,
    read_state,
    share_files,
    upload_file,
    visit_link,
    withdraw_share,
)
from tests.builders import Running

ANA = make_person("Ana Lopes")


@pytest.fixture
def files(portal: Running) -> list[File]:
    return [upload_file(portal, ANA, name) for name in ("a.pdf", "b.pdf")]


@pytest.fixture
def made(portal: Running, files: list[File]) -> ShareFiles:
    return share_files(portal, ANA, files, recipients_text="x@x.example, y@x.example", download_limit=5)


def read(portal: Running, made: ShareFiles, place: int = 0) -> tuple[Share, Recipient]:
    found = portal.portal.services.shares.get_with_recipient(made.about, made.recipients[place].id)
    assert found is not None
    return found


def break_off(share_id: str, recipient_id: str, file_id: str, times: int) -> Write:
    """That so many deliveries of a file broke off."""
    key = recipient_key(share_id, recipient_id)
    return update(key, "SET #broken.#file = :times", names={"file": file_id}, times=times)


def test_who_has_every_file_is_complete(portal: Running, made: ShareFiles, files: list[File]) -> None:
    """Once, however often and in whatever order; not somebody else."""
    token = link_token(portal, made)
    for file, got in ((files[1], 1), (files[1], 1), (files[0], 2), (files[0], 2)):
        download_file(portal, token, file)
        share, recipient = read(portal, made)
        assert recipient.got == got
        assert share.complete == ({recipient.id} if got == 2 else set())


@pytest.mark.requirement("R49")
def test_what_is_given_back_is_lacking_again(portal: Running, made: ShareFiles, files: list[File]) -> None:
    """Only with the last download of a file."""
    token, id = link_token(portal, made), made.recipients[0].id
    for file in (files[0], files[1], files[1]):
        download_file(portal, token, file)
    for seen, complete in ((2, {id}), (1, set())):
        portal.portal.services.downloads.table.write(break_off(made.about, id, files[1].id, seen))  # type: ignore[attr-defined]
        asked = GiveBack(
            make_request(ANA, portal), share_id=made.about, recipient_id=id, file_id=files[1].id, seen=seen
        )
        assert not run(GIVE_BACK, asked, portal.portal.services).again
        assert read(portal, made)[0].complete == complete
    assert read(portal, made)[1].got == 1
    download_file(portal, token, files[1])
    assert read(portal, made)[0].complete == {id}


def test_who_is_withdrawn_is_gone_until_added_again(portal: Running, made: ShareFiles) -> None:
    id = made.recipients[1].id
    withdraw_share(portal, ANA, made.about, id)
    assert read(portal, made)[0].gone == {id}
    again = AddRecipients(
        make_request(ANA, portal), share_id=made.about, recipients_text="y@x.example, z@x.example"
    )
    run(ADD_RECIPIENTS, again, portal.portal.services)
    assert read(portal, made)[0].gone == frozenset()
    assert len(read(portal, made)[0].addresses) == 3


@pytest.mark.parametrize("overtaken", [True, False])
def test_of_two_last_files_at_once_one_completes(
    portal: Running, made: ShareFiles, files: list[File], overtaken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both presses read that one file is lacking beside theirs; the later one is looked at again."""
    token, services = link_token(portal, made), portal.portal.services
    downloads = services.downloads
    spend: Callable[..., object] = downloads.spend
    calls: list[int] = []

    def spend_after_the_other(*asked: object) -> object:
        calls.append(1)
        if overtaken and len(calls) == 1:
            download_file(portal, token, files[1])
        return spend(*asked)

    monkeypatch.setattr(downloads, "spend", spend_after_the_other)
    download_file(portal, token, files[0])
    share, recipient = read(portal, made)
    assert recipient.got == (2 if overtaken else 1)
    assert share.complete == ({recipient.id} if overtaken else set())


@pytest.mark.requirement("R16", "R42")
def test_opening_notes_the_time_beside_the_log_and_nothing_else(portal: Running, made: ShareFiles) -> None:
    before, token = read_state(portal), link_token(portal, made)
    id = made.recipients[0].id
    times = []
    for _ in range(2):
        portal.clock.turn(hours=1)
        times.append(portal.clock().replace(microsecond=0))
        visit_link(portal, token)
    assert read_state(portal) == before
    found = portal.portal.services.following.get(made.about)
    assert found is not None
    assert (found[1].first, found[1].last) == ({id: times[0]}, {id: times[1]})


def test_nothing_is_left_of_a_deleted_share(portal: Running, made: ShareFiles) -> None:
    portal.clock.turn(hours=1)
    visit_link(portal, link_token(portal, made))
    assert [each for each in list_rows(portal) if each["pk"]["S"] == f"SEEN#{made.about}"]
    portal.portal.services.shares.delete(made.about)
    assert not [
        each for each in list_rows(portal) if made.about in each["pk"]["S"] and "AUDIT" not in each["pk"]["S"]
    ]
