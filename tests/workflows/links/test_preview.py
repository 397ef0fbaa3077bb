"""Looking at a file: a closed list of kinds, and a download like any other where it counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.domain.errors import Forbidden, NotFound
from portal.domain.files.file import SHOWN_PDF_BYTES, File
from portal.domain.people.person import Person
from portal.engine.workflow import run
from portal.workflows.files import own_download, owned_files
from portal.workflows.links import download, link_access
from portal.workflows.shares import change
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import (
    download_file,
    link_token,
    list_records,
    make_id,
    make_person,
    make_request,
    preview_file,
    read_state,
    record_delivery,
    share_files,
    upload_file,
    withdraw_share,
)
from tests.builders import Running

ANA, BEN = make_person("Ana Lopes"), make_person("Ben Okoro")
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
        make_request(ANA, running), share_id=share.id, version=share.version, expires_on=None,
        download_limit=share.download_limit, message=share.message, preview=False,
    )  # fmt: skip
    run(change.CHANGE_SHARE, asked, running.portal.services)


@pytest.mark.requirement("R35", "R48")
@pytest.mark.parametrize("name", SHOWN)
def test_what_is_on_the_list_is_shown_as_the_lists_type(portal: Running, name: str) -> None:
    """Inline, the list's own Content-Type, the pinned version, a minute."""
    file = upload_file(portal, ANA, name)
    address = preview_file(portal, link_token(portal, share_files(portal, ANA, [file])), file)
    forced = SHOWN[name].replace("/", "%2F")
    parts = ("response-content-disposition=inline", "X-Amz-Expires=60", f"versionId={file.version_id}")
    for part in (*parts, f"response-content-type={forced}"):
        assert part in address
    assert ("charset%3Dutf-8" in address) == (forced == "text%2Fplain")


@pytest.mark.requirement("R35")
@pytest.mark.parametrize("name", NOT_SHOWN)
def test_what_is_not_on_the_list_is_refused(portal: Running, name: str) -> None:
    """For the recipient and the owner, and nothing is spent."""
    file = upload_file(portal, ANA, name)
    token = link_token(portal, share_files(portal, ANA, [file], download_limit=1))
    with pytest.raises(download.NotShown):
        preview_file(portal, token, file)
    with pytest.raises(download.NotShown):
        own_look(portal, file)
    assert download_file(portal, token, file)


def own_look(running: Running, file: File, person: Person = ANA) -> str:
    context = own_download.OwnDownload(make_request(person, running), file_id=file.id)
    return run(own_download.OWN_PREVIEW, context, running.portal.services).address


@pytest.mark.requirement("R12", "R35")
def test_a_new_name_makes_nothing_a_picture(portal: Running) -> None:
    """The name of now and the type of then must agree."""
    report = upload_file(portal, ANA, "report.pdf")
    renaming = owned_files.ChangeFile(make_request(ANA, portal), file_id=report.id, name="report.png")
    run(owned_files.RENAME, renaming, portal.portal.services)
    renamed = portal.portal.services.files.get(ANA.id, report.id)
    assert renamed
    assert renamed.name == "report.png"
    assert renamed.pinned.preview_kind == ""
    with pytest.raises(download.NotShown):
        own_look(portal, renamed)


def test_a_pdf_that_may_take_longer_than_its_address_has_no_preview(portal: Running) -> None:
    file = upload_file(portal, ANA).pinned
    assert replace(file, size=SHOWN_PDF_BYTES).preview_kind == "pdf"
    assert replace(file, size=SHOWN_PDF_BYTES + 1).preview_kind == ""


@pytest.mark.requirement("R49", "T17", "I1")
def test_looking_counts_as_a_download(portal: Running) -> None:
    """One limit for both; the record says which it was."""
    file = upload_file(portal, ANA)
    token, press = link_token(portal, share_files(portal, ANA, [file], download_limit=2)), make_id(portal)
    preview_file(portal, token, file, press)
    preview_file(portal, token, file, press)
    download_file(portal, token, file, press)
    for attempt in (preview_file, download_file):
        with pytest.raises(link_access.DownloadsUsedUp):
            attempt(portal, token, file)
    done = [each for each in list_records(portal, "recipient.downloaded") if each["outcome"]["S"] == "done"]
    assert [each["details"]["M"].get("how", {}).get("S") for each in done] == ["preview", None]


@pytest.mark.requirement("R48")
def test_a_film_goes_on_for_an_hour_by_addresses_of_a_minute(portal: Running) -> None:
    """Also of what it had before; withdrawing ends it; the press is one for downloading, too."""
    file = upload_file(portal, ANA, "film.mp4")
    made = share_files(portal, ANA, [file], download_limit=1)
    token, press = link_token(portal, made), make_id(portal)
    for _ in range(4):
        assert "X-Amz-Expires=60" in preview_file(portal, token, file, press)
        portal.clock.turn(minutes=14)
        record_delivery(portal, made, file)
    with pytest.raises(link_access.DownloadsUsedUp):
        download_file(portal, token, file, press)
    withdraw_share(portal, ANA, made.about)
    with pytest.raises(link_access.Withdrawn):
        preview_file(portal, token, file, press)


@pytest.mark.requirement("R48")
def test_a_sender_may_allow_downloads_alone(portal: Running) -> None:
    """Refused, not only hidden; a press that was good before is not any more."""
    file = upload_file(portal, ANA)
    made = share_files(portal, ANA, [file])
    token, press = link_token(portal, made), make_id(portal)
    preview_file(portal, token, file, press)
    no_previews(portal, made)
    before = read_state(portal)
    for attempt in (press, make_id(portal)):
        with pytest.raises(Forbidden) as refused:
            preview_file(portal, token, file, attempt)
        assert refused.value.reason == "not_shown"
    assert read_state(portal) == before
    assert download_file(portal, token, file)


@pytest.mark.requirement("R44", "R45")
def test_the_address_is_proven_before_anything_is_said(portal: Running) -> None:
    """Also before whether there is a preview."""
    for name in ("a.pdf", "a.exe"):
        file = upload_file(portal, ANA, name)
        token = link_token(portal, share_files(portal, ANA, [file], confirm=True))
        with pytest.raises(link_access.ProofNeeded):
            preview_file(portal, token, file)


@pytest.mark.requirement("R11", "I4")
def test_an_owner_looks_at_their_own_and_at_nobody_elses(portal: Running) -> None:
    """With a record of its own, once an hour, as a player asks again and again."""
    file = upload_file(portal, ANA, "film.mp4")
    for _ in range(3):
        assert "response-content-type=video%2Fmp4" in own_look(portal, file)
    assert len(list_records(portal, "file.previewed")) == 1
    portal.clock.turn(hours=1)
    own_look(portal, file)
    assert len(list_records(portal, "file.previewed")) == 2
    assert list_records(portal, "file.downloaded") == []
    with pytest.raises(NotFound):
        own_look(portal, file, BEN)
    run(
        owned_files.TRASH,
        owned_files.ChangeFile(make_request(ANA, portal), file_id=file.id),
        portal.portal.services,
    )
    with pytest.raises(NotFound):
        own_look(portal, file)
