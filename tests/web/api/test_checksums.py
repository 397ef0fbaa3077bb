"""Whose a SHA-256 is: S3's, where it said the same of what it stored; else the sender's, and pages say so."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from portal.domain.files.file import File
from portal.domain.people.person import Person
from tests.actions import complete_upload, link_token, make_person, put_object, reserve_file, share_files
from tests.builders import Running
from tests.web.browser import Browser

BODY = b"twelve bytes"
SUM = hashlib.sha256(BODY).hexdigest()
OURS = "Computed by the sender's browser; the storage has not checked it."
BY_S3 = {"ChecksumSHA256": base64.b64encode(bytes.fromhex(SUM)).decode(), "ChecksumAlgorithm": "SHA256"}


def send_file(portal: Running, who: Person, said: str, by_s3: dict[str, str], name: str = "a.pdf") -> File:
    """A file for which a browser said a hash or none, and S3 did or did not compute one."""
    file = reserve_file(portal, who, name, len(BODY), sha256=said)
    put_object(portal, file, BODY, **by_s3)
    done = complete_upload(portal, who, file).file
    assert done is not None
    return done


@pytest.mark.parametrize(
    ("said", "by_s3", "shown", "confirmed"),
    [
        (SUM, BY_S3, SUM, True), ("", BY_S3, SUM, True), (SUM, {}, SUM, False),
        ("0" * 64, {}, "0" * 64, False), ("", {}, "", False),
    ],
    ids=["both", "s3 alone", "the browser alone", "a wrong one", "none"],
)  # fmt: skip
def test_it_is_the_senders_unless_s3_confirmed_it(
    browser: Browser,
    portal: Running,
    ana: Person,
    said: str,
    by_s3: dict[str, Any],
    shown: str,
    confirmed: bool,
) -> None:
    """On the file's page, the share's and the recipient's; a share keeps how it was when it was made."""
    file = send_file(portal, ana, said, by_s3)
    assert (file.sha256, file.sha256_confirmed) == (shown, confirmed)
    made = share_files(portal, ana, [file])
    for path in (f"/files/{file.id}", f"/shares/{made.about}", f"/d/{link_token(portal, made)}"):
        page = browser.get(path)
        assert (shown in page.text) if shown else ("SHA-256" not in page.text), path
        assert (OURS in page.text) == (bool(shown) and not confirmed), path
    claims = "is the one that was sent if" in page.text
    assert claims == (bool(shown) and confirmed)


def test_the_sums_in_a_zip_are_called_the_senders(portal: Running) -> None:
    ana, browser, words = make_person(), Browser(portal), "those the sender's browser computed"
    checked = [send_file(portal, ana, SUM, BY_S3, name) for name in ("a.pdf", "b.pdf")]
    assert words not in browser.get(f"/d/{link_token(portal, share_files(portal, ana, checked))}").text
    mixed = [*checked, send_file(portal, ana, SUM, {}, "c.pdf")]
    assert words in browser.get(f"/d/{link_token(portal, share_files(portal, ana, mixed))}").text


def test_a_copy_is_as_checked_as_its_source(browser: Browser, portal: Running, ana: Person) -> None:
    """S3 copies within itself, and says a hash of the copy where it said one of the source."""
    for by_s3 in (BY_S3, {}):
        file = send_file(portal, ana, SUM, by_s3)
        browser.get(f"/files/{file.id}")
        copy = browser.submit(f"/files/{file.id}/copy").location
        assert (OURS in browser.get(copy).text) == (not by_s3)
