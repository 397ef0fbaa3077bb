"""Downloading by link: counted exactly once, never past a limit or an end (R47-R50)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal import queries
from portal.domain.errors import Gone
from portal.workflows import opening
from tests.builders import Running
from tests.doing import (
    downloaded,
    new_id,
    opened,
    recorded,
    shared,
    somebody,
    state,
    token_of,
    uploaded,
)

ANA = somebody("Ana Lopes")


def test_opening_spends_nothing_and_changes_nothing(portal: Running) -> None:
    """R42, R16: however often; one audit record an hour and device."""
    token = token_of(portal, shared(portal, ANA, [uploaded(portal, ANA)], download_limit=1))
    before = state(portal)
    for _ in range(30):
        opened(portal, token)
    assert state(portal) == before
    assert len(recorded(portal, "recipient.link_opened")) == 1
    portal.clock.turn(hours=1)
    opened(portal, token)
    assert len(recorded(portal, "recipient.link_opened")) == 2


def test_a_limit_counts_each_file_for_each_recipient(portal: Running) -> None:
    """R49, I1."""
    files = [uploaded(portal, ANA, name) for name in ("a.pdf", "b.pdf")]
    made = shared(portal, ANA, files, recipients_text="x@example.com, y@example.com", download_limit=2)
    tokens = [token_of(portal, made, place) for place in (0, 1)]
    for token in tokens:
        for file in files:
            downloaded(portal, token, file)
            downloaded(portal, token, file)
            with pytest.raises(opening.Spent):
                downloaded(portal, token, file)
    view = queries.share(ANA, made.about, portal.portal.services)
    assert [each.recipient.download_count for each in view.recipients] == [4, 4]
    assert view.share.download_count == 8
    done = [each for each in recorded(portal, "recipient.downloaded") if each["outcome"]["S"] == "done"]
    assert len(done) == 8


def test_the_same_press_counts_once_within_its_minute(portal: Running) -> None:
    """R50: double click, retry and lost answer get a fresh address; a later press counts."""
    file = uploaded(portal, ANA)
    made = shared(portal, ANA, [file], download_limit=2)
    token, press = token_of(portal, made), new_id(portal)
    for _ in range(5):
        portal.clock.turn(seconds=10)
        assert downloaded(portal, token, file, press)
    portal.clock.turn(seconds=61)
    downloaded(portal, token, file, press)
    portal.clock.turn(seconds=61)
    with pytest.raises(opening.Spent):
        downloaded(portal, token, file, press)


def test_a_press_of_one_recipient_is_not_anothers(portal: Running) -> None:
    file = uploaded(portal, ANA)
    made = shared(portal, ANA, [file], recipients_text="x@example.com, y@example.com", download_limit=1)
    press = new_id(portal)
    for place in (0, 1):
        downloaded(portal, token_of(portal, made, place), file, press)
    view = queries.share(ANA, made.about, portal.portal.services)
    assert [each.recipient.download_count for each in view.recipients] == [1, 1]


def test_at_exactly_its_end_a_share_is_closed(portal: Running) -> None:
    """R47: valid iff now < expires_at."""
    file = uploaded(portal, ANA)
    made = shared(portal, ANA, [file])
    token = token_of(portal, made)
    assert made.share is not None
    portal.clock.now = made.share.expires_at - timedelta(microseconds=1)
    assert downloaded(portal, token, file)
    portal.clock.now = made.share.expires_at
    for attempt in (lambda: opened(portal, token), lambda: downloaded(portal, token, file)):
        with pytest.raises(opening.Expired):
            attempt()


def test_the_address_is_short_lived_pinned_and_saved_under_its_name(portal: Running) -> None:
    """R30, R35, R48: version 4, the regional host, at most a minute, an attachment, octet-stream."""
    file = uploaded(portal, ANA, "Übersicht.html")
    address = downloaded(portal, token_of(portal, shared(portal, ANA, [file])), file)
    assert address.startswith("https://portal-files.s3.eu-central-1.amazonaws.com/files/")
    signed = {"X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Expires=60", "x-recipient="}
    saved = {"response-content-type=application%2Foctet-stream", "attachment", "%25C3%259Cbersicht.html"}
    for part in {*signed, *saved, f"versionId={file.version_id}"}:
        assert part in address


def test_a_refusal_is_recorded_with_the_step_that_said_it(portal: Running) -> None:
    """I4: and repeating it does not fill the log."""
    file = uploaded(portal, ANA)
    token = token_of(portal, shared(portal, ANA, [file], download_limit=1))
    downloaded(portal, token, file)
    for _ in range(3):
        with pytest.raises(Gone):
            downloaded(portal, token, file)
    refused = [each for each in recorded(portal, "recipient.downloaded") if each["outcome"]["S"] == "refused"]
    assert [(each["stage"]["S"], each["step"]["S"], each["reason"]["S"]) for each in refused] == [
        ("authorize", "downloads_left", "spent")
    ]
