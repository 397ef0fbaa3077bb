"""Downloading by link: counted exactly once, never past a limit or an end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.domain.errors import Gone
from portal.queries.shares import get_share
from portal.workflows.links import link_access
from tests.actions import (
    download_file,
    link_token,
    list_records,
    make_id,
    make_person,
    read_state,
    share_files,
    upload_file,
    visit_link,
)
from tests.builders import Running

pytestmark = pytest.mark.requirement("R47", "R48", "R49", "R50")

ANA = make_person("Ana Lopes")


@pytest.mark.requirement("R16", "R42")
def test_opening_spends_nothing_and_changes_nothing(portal: Running) -> None:
    """However often; one audit record an hour and device."""
    token = link_token(portal, share_files(portal, ANA, [upload_file(portal, ANA)], download_limit=1))
    before = read_state(portal)
    for _ in range(30):
        visit_link(portal, token)
    assert read_state(portal) == before
    assert len(list_records(portal, "recipient.link_opened")) == 1
    portal.clock.turn(hours=1)
    visit_link(portal, token)
    assert len(list_records(portal, "recipient.link_opened")) == 2


@pytest.mark.requirement("I1")
def test_a_limit_counts_each_file_for_each_recipient(portal: Running) -> None:
    files = [upload_file(portal, ANA, name) for name in ("a.pdf", "b.pdf")]
    made = share_files(portal, ANA, files, recipients_text="x@example.com, y@example.com", download_limit=2)
    tokens = [link_token(portal, made, place) for place in (0, 1)]
    for token in tokens:
        for file in files:
            download_file(portal, token, file)
            download_file(portal, token, file)
            with pytest.raises(link_access.DownloadsUsedUp):
                download_file(portal, token, file)
    view = get_share(ANA, made.about, portal.portal.services)
    assert [each.recipient.download_count for each in view.recipients] == [4, 4]
    assert view.share.download_count == 8
    done = [each for each in list_records(portal, "recipient.downloaded") if each["outcome"]["S"] == "done"]
    assert len(done) == 8


@pytest.mark.dates
def test_the_same_press_counts_once_while_it_goes_on(portal: Running) -> None:
    """Double click, retry and lost answer get a fresh address; a press after a day counts."""
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], download_limit=2)
    token, press = link_token(portal, made), make_id(portal)
    for _ in range(5):
        portal.clock.turn(seconds=10)
        assert download_file(portal, token, file, press)
    portal.clock.turn(days=1)
    download_file(portal, token, file, press)
    portal.clock.turn(days=1)
    with pytest.raises(link_access.DownloadsUsedUp):
        download_file(portal, token, file, press)


def test_a_press_of_one_recipient_is_not_anothers(portal: Running) -> None:
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file], recipients_text="x@example.com, y@example.com", download_limit=1)
    press = make_id(portal)
    for place in (0, 1):
        download_file(portal, link_token(portal, made, place), file, press)
    view = get_share(ANA, made.about, portal.portal.services)
    assert [each.recipient.download_count for each in view.recipients] == [1, 1]


@pytest.mark.dates
def test_at_exactly_its_end_a_share_is_closed(portal: Running) -> None:
    """Valid iff now < expires_at."""
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file])
    token = link_token(portal, made)
    assert made.share is not None
    portal.clock.now = made.share.expires_at - timedelta(microseconds=1)
    assert download_file(portal, token, file)
    portal.clock.now = made.share.expires_at
    for attempt in (lambda: visit_link(portal, token), lambda: download_file(portal, token, file)):
        with pytest.raises(link_access.Expired):
            attempt()


@pytest.mark.requirement("R30", "R35")
@pytest.mark.dates
def test_the_address_is_short_lived_pinned_and_saved_under_its_name(portal: Running) -> None:
    """Version 4, the regional host, at most a minute, an attachment, octet-stream."""
    file = upload_file(portal, ANA, "Übersicht.html")
    address = download_file(portal, link_token(portal, share_files(portal, ANA, [file])), file)
    assert address.startswith("https://portal-files.s3.eu-central-1.amazonaws.com/files/")
    signed = {"X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Expires=60", "x-recipient="}
    saved = {"response-content-type=application%2Foctet-stream", "attachment", "%25C3%259Cbersicht.html"}
    for part in {*signed, *saved, f"versionId={file.version_id}"}:
        assert part in address


@pytest.mark.requirement("I4")
def test_a_refusal_is_recorded_with_the_step_that_said_it(portal: Running) -> None:
    """And repeating it does not fill the log."""
    file = upload_file(portal, ANA)
    token = link_token(portal, share_files(portal, ANA, [file], download_limit=1))
    download_file(portal, token, file)
    for _ in range(3):
        with pytest.raises(Gone):
            download_file(portal, token, file)
    refused = [
        each for each in list_records(portal, "recipient.downloaded") if each["outcome"]["S"] == "refused"
    ]
    assert [(each["stage"]["S"], each["step"]["S"], each["reason"]["S"]) for each in refused] == [
        ("authorize", "require_downloads_left", "spent")
    ]
