"""A download that broke off is given back against the limit, once for each that did."""

from __future__ import annotations

from typing import Any

import pytest

from portal.domain.errors import Conflict, NotFound
from portal.domain.files.file import File
from portal.domain.links import tokens
from portal.domain.people.person import Person
from portal.domain.shares.share import Recipient
from portal.engine.workflow import run
from portal.workflows.links.link_access import DownloadsUsedUp
from portal.workflows.shares.give_back import GIVE_BACK, GiveBack
from portal.workflows.upkeep.access_log_records import take_log
from tests.actions import (
    download_file,
    link_token,
    list_records,
    make_person,
    make_request,
    share_files,
    upload_file,
    withdraw_share,
)
from tests.builders import Running

pytestmark = pytest.mark.requirement("R49")
ANA, BEN, ADA = make_person("Ana Lopes"), make_person("Ben Okoro"), make_person("Ada Minh", admin=True)


@pytest.fixture
def file(portal: Running) -> File:
    return upload_file(portal, ANA)


@pytest.fixture
def made(portal: Running, file: File) -> Any:
    """A share of which each file may be downloaded once."""
    return share_files(portal, ANA, [file], download_limit=1)


def break_off(portal: Running, made: Any, file: File, log: str = "log", how: str = "attachment") -> None:
    """The access log tells of five bytes of twelve."""
    took = portal.clock().strftime("%d/%b/%Y:%H:%M:%S +0000")
    note = tokens.note(made.about, made.recipients[0].id)
    asked = f"response-content-disposition={how}&versionId={file.version_id}&x-recipient={note}"
    line = (
        f"owner {portal.config.files_bucket} [{took}] 198.51.100.9 - REQUEST REST.GET.OBJECT {file.key} "
        f'"GET /{file.key}?{asked} HTTP/1.1" 200 - 5 {file.size} 20 10 "-" "test browser" - - - - - - -'
    )
    take_log(log, [line], portal.config.files_bucket, portal.portal.services)


def give(portal: Running, made: Any, file: File, who: Person = ANA, seen: int = 1) -> GiveBack:
    context = GiveBack(
        make_request(who, portal), share_id=made.about, recipient_id=made.recipients[0].id, file_id=file.id,
        seen=seen,
    )  # fmt: skip
    return run(GIVE_BACK, context, portal.portal.services)


def read_recipient(portal: Running, made: Any) -> Recipient:
    found = portal.portal.services.shares.get_with_recipient(made.about, made.recipients[0].id)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("who", [ANA, ADA], ids=["sender", "admin"])
def test_what_broke_off_can_be_had_again(portal: Running, made: Any, file: File, who: Person) -> None:
    download_file(portal, link_token(portal, made), file)
    portal.clock.turn(days=2)
    with pytest.raises(DownloadsUsedUp):
        download_file(portal, link_token(portal, made), file)
    for _ in range(2):  # the log comes twice
        break_off(portal, made, file)
    assert read_recipient(portal, made).broken == {file.id: 1}
    assert not give(portal, made, file, who).again
    assert give(portal, made, file, who).again, "the second press of one page"
    assert (read_recipient(portal, made).broken, read_recipient(portal, made).downloads) == (
        {file.id: 0}, {file.id: 0},
    )  # fmt: skip
    download_file(portal, link_token(portal, made), file)
    (record,) = [
        each
        for each in list_records(portal, "recipient.download_given_back")
        if each["outcome"]["S"] == "done"
    ]
    assert record["actor"]["M"]["id"]["S"] == who.id


def test_nothing_is_given_back_that_did_not_break_off(portal: Running, made: Any, file: File) -> None:
    """A whole download, a preview that was left early, and what was given back before."""
    download_file(portal, link_token(portal, made), file)
    break_off(portal, made, file, how="inline")
    with pytest.raises(Conflict):
        give(portal, made, file, seen=0)
    break_off(portal, made, file, "other log")
    give(portal, made, file)
    with pytest.raises(Conflict):
        give(portal, made, file, seen=0)
    assert read_recipient(portal, made).downloads == {file.id: 0}


def test_strangers_and_closed_shares_get_nothing(portal: Running, made: Any, file: File) -> None:
    download_file(portal, link_token(portal, made), file)
    break_off(portal, made, file)
    with pytest.raises(NotFound):
        give(portal, made, file, BEN)
    withdraw_share(portal, ANA, made.about)
    assert give(portal, made, file).again
    assert read_recipient(portal, made).downloads == {file.id: 1}
