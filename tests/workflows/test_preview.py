"""Looking at a file: a closed list of kinds, and a download like any other where it counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.domain.errors import Forbidden, NotFound
from portal.domain.files import SHOWN_PDF_BYTES, File
from portal.domain.people import Person
from portal.workflows import change, download, files, opening, own_download, revoke
from portal.workflows.engine import run
from portal.workflows.share import ShareFiles
from tests.builders import Running
from tests.doing import (
    asked_by,
    downloaded,
    looked_at,
    new_id,
    recorded,
    shared,
    somebody,
    state,
    token_of,
    uploaded,
)

ANA, BEN = somebody("Ana Lopes"), somebody("Ben Okoro")
SHOWN = {
    "a.png": "image/png", "a.JPG": "image/jpeg", "a.jpeg": "image/jpeg", "a.gif": "image/gif",
    "a.webp": "image/webp", "a.avif": "image/avif", "a.pdf": "application/pdf", "a.txt": "text/plain",
    "a.csv": "text/plain", "a.md": "text/plain", "a.json": "text/plain", "a.log": "text/plain",
    "a.mp3": "audio/mpeg", "a.m4a": "audio/mp4", "a.wav": "audio/wav", "a.flac": "audio/flac",
    "a.ogg": "audio/ogg", "a.mp4": "video/mp4", "a.webm": "video/webm", "page.html.png": "image/png",
}  # fmt: skip
NOT_SHOWN = [
    "a.html", "a.htm", "a.xhtml", "a.svg", "a.svgz", "a.xml", "a.js", "a.css", "a.mht", "a.eml", "a.docx",
    "a.tiff", "a.heic", "a.swf", "a.png.html", "a.png.svg", "png", ".png", "a",
]  # fmt: skip


def no_previews(running: Running, made: ShareFiles) -> None:
    """The sender switches previews off."""
    share = running.portal.services.shares.get(made.about)
    assert share
    asked = change.ChangeShare(
        **asked_by(ANA, running), share_id=share.id, version=share.version, expires_on=None,
        download_limit=share.download_limit, message=share.message, preview=False,
    )  # fmt: skip
    run(change.CHANGE_SHARE, asked, running.portal.services)


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_on_the_list_is_shown_as_the_lists_type(portal: Running, name: str) -> None:
    """R35, R48: inline, the list's own Content-Type, the pinned version, a minute."""
    file = uploaded(portal, ANA, name)
    address = looked_at(portal, token_of(portal, shared(portal, ANA, [file])), file)
    forced = SHOWN[name].replace("/", "%2F")
    parts = ("response-content-disposition=inline", "X-Amz-Expires=60", f"versionId={file.version_id}")
    for part in (*parts, f"response-content-type={forced}"):
        assert part in address
    assert ("charset%3Dutf-8" in address) == (forced == "text%2Fplain")


@pytest.mark.parametrize("name", NOT_SHOWN)
def test_what_is_not_on_the_list_is_refused(portal: Running, name: str) -> None:
    """R35: for the recipient and the owner, and nothing is spent."""
    file = uploaded(portal, ANA, name)
    token = token_of(portal, shared(portal, ANA, [file], download_limit=1))
    with pytest.raises(download.NotShown):
        looked_at(portal, token, file)
    with pytest.raises(download.NotShown):
        own_look(portal, file)
    assert downloaded(portal, token, file)


def own_look(running: Running, file: File, person: Person = ANA) -> str:
    context = own_download.OwnDownload(**asked_by(person, running), file_id=file.id)
    return run(own_download.OWN_PREVIEW, context, running.portal.services).address


def test_a_new_name_makes_nothing_a_picture(portal: Running) -> None:
    """R12, R35: the name of now and the type of then must agree."""
    report = uploaded(portal, ANA, "report.pdf")
    renaming = files.ChangeFile(**asked_by(ANA, portal), file_id=report.id, name="report.png")
    run(files.RENAME, renaming, portal.portal.services)
    renamed = portal.portal.services.files.get(ANA.id, report.id)
    assert renamed
    assert renamed.name == "report.png"
    assert renamed.pinned.shown_as == ""
    with pytest.raises(download.NotShown):
        own_look(portal, renamed)


def test_a_pdf_that_may_take_longer_than_its_address_has_no_preview(portal: Running) -> None:
    file = uploaded(portal, ANA).pinned
    assert replace(file, size=SHOWN_PDF_BYTES).shown_as == "pdf"
    assert replace(file, size=SHOWN_PDF_BYTES + 1).shown_as == ""


def test_looking_counts_as_a_download(portal: Running) -> None:
    """R49, T17, I1: one limit for both; the record says which it was."""
    file = uploaded(portal, ANA)
    token, press = token_of(portal, shared(portal, ANA, [file], download_limit=2)), new_id(portal)
    looked_at(portal, token, file, press)
    looked_at(portal, token, file, press)
    downloaded(portal, token, file, press)
    for attempt in (looked_at, downloaded):
        with pytest.raises(opening.Spent):
            attempt(portal, token, file)
    done = [each for each in recorded(portal, "recipient.downloaded") if each["outcome"]["S"] == "done"]
    assert [each["details"]["M"].get("how", {}).get("S") for each in done] == ["preview", None]


def test_the_same_press_counts_again_after_its_minute(portal: Running) -> None:
    """R50."""
    file = uploaded(portal, ANA)
    token, press = token_of(portal, shared(portal, ANA, [file], download_limit=1)), new_id(portal)
    looked_at(portal, token, file, press)
    portal.clock.turn(seconds=59)
    assert looked_at(portal, token, file, press)
    portal.clock.turn(seconds=1)
    with pytest.raises(opening.Spent):
        looked_at(portal, token, file, press)


def test_a_film_goes_on_for_an_hour_by_addresses_of_a_minute(portal: Running) -> None:
    """R48: each is asked for anew, so withdrawing ends it; the press is one for downloading, too."""
    file = uploaded(portal, ANA, "film.mp4")
    made = shared(portal, ANA, [file], download_limit=1)
    token, press = token_of(portal, made), new_id(portal)
    for _ in range(4):
        assert "X-Amz-Expires=60" in looked_at(portal, token, file, press)
        portal.clock.turn(minutes=14)
    with pytest.raises(opening.Spent):
        downloaded(portal, token, file, press)
    withdrawing = revoke.Withdraw(**asked_by(ANA, portal), share_id=made.about)
    run(revoke.WITHDRAW_SHARE, withdrawing, portal.portal.services)
    with pytest.raises(opening.Withdrawn):
        looked_at(portal, token, file, press)
    other = shared(portal, ANA, [file], download_limit=1)
    looked_at(portal, token_of(portal, other), file, press)
    portal.clock.turn(hours=1)
    with pytest.raises(opening.Spent):
        looked_at(portal, token_of(portal, other), file, press)


def test_a_sender_may_allow_downloads_alone(portal: Running) -> None:
    """Refused, not only hidden; a press that was good before is not any more (R48)."""
    file = uploaded(portal, ANA)
    made = shared(portal, ANA, [file])
    token, press = token_of(portal, made), new_id(portal)
    looked_at(portal, token, file, press)
    no_previews(portal, made)
    before = state(portal)
    for attempt in (press, new_id(portal)):
        with pytest.raises(Forbidden) as refused:
            looked_at(portal, token, file, attempt)
        assert refused.value.reason == "not_shown"
    assert state(portal) == before
    assert downloaded(portal, token, file)


def test_the_address_is_proven_before_anything_is_said(portal: Running) -> None:
    """R44, R45: also before whether there is a preview."""
    for name in ("a.pdf", "a.exe"):
        file = uploaded(portal, ANA, name)
        token = token_of(portal, shared(portal, ANA, [file], confirm=True))
        with pytest.raises(opening.ProofNeeded):
            looked_at(portal, token, file)


def test_an_owner_looks_at_their_own_and_at_nobody_elses(portal: Running) -> None:
    """R11, I4: with a record of its own, once an hour, as a player asks again and again."""
    file = uploaded(portal, ANA, "film.mp4")
    for _ in range(3):
        assert "response-content-type=video%2Fmp4" in own_look(portal, file)
    assert len(recorded(portal, "file.previewed")) == 1
    portal.clock.turn(hours=1)
    own_look(portal, file)
    assert len(recorded(portal, "file.previewed")) == 2
    assert recorded(portal, "file.downloaded") == []
    with pytest.raises(NotFound):
        own_look(portal, file, BEN)
    run(files.TRASH, files.ChangeFile(**asked_by(ANA, portal), file_id=file.id), portal.portal.services)
    with pytest.raises(NotFound):
        own_look(portal, file)
