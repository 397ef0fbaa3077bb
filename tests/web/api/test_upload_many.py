"""`/v1/uploads` for many files at once, with folders and with the bytes' SHA-256."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from portal.domain.files.file import FileState
from portal.domain.people.person import Person
from portal.web.api.uploads import SECONDS
from tests.actions import list_objects, list_records, put_object, read_state, share_files
from tests.builders import Running
from tests.slow_calls import slow_calls
from tests.web.api.test_uploads import announce, call, file_of, policy
from tests.web.browser import Browser
from tests.web.signed_in import Calls, sign_in

pytestmark = pytest.mark.requirement("R29", "R32", "R34")

BODY = b"twelve bytes"
SHA256 = hashlib.sha256(BODY).hexdigest()
IN_BASE64 = base64.b64encode(hashlib.sha256(BODY).digest()).decode()


@pytest.fixture
def ana(browser: Browser) -> Person:
    person = sign_in(browser)
    browser.get("/upload")
    return person


def announce_all(browser: Browser, status: int, *files: Any) -> Any:
    return call(browser, "POST", "/v1/uploads", status, {"files": list(files)}).answer.json


@pytest.mark.requirement("R62")
def test_forty_files_are_announced_in_one_transaction(browser: Browser, ana: Person, portal: Running) -> None:
    """The session's read and one write; the answers are in the order of the question."""
    asked = [{"name": f"{number}.txt", "size": 12, "folder": f"Plans/{number}"} for number in range(40)]
    with Calls(portal) as calls:
        made = announce_all(browser, 201, *asked)["uploads"]
    assert calls.names.count("TransactWriteItems") == 1
    assert [(each["name"], each["folder"]) for each in made] == [
        (each["name"], each["folder"]) for each in asked
    ]
    assert len(list_records(portal, "file.upload_reserved")) == 40
    for each in made:
        put_object(portal, file_of(portal, ana, each["file_id"]), BODY)
    ids = [each["file_id"] for each in made]
    done = call(browser, "POST", "/v1/uploads/complete", 200, {"files": ids}).answer.json["files"]
    assert [(each["file_id"], each["state"]) for each in done] == [(each, "ready") for each in ids]
    assert len(list_records(portal, "file.upload_completed")) == 40


@pytest.mark.requirement("R23", "R31")
@pytest.mark.parametrize(
    ("wrong", "status", "field"),
    [
        ({"name": "", "size": 1}, 400, "name"), ({"name": "a", "size": 0}, 400, "size"),
        ({"name": "a", "size": 1, "folder": "a/../b"}, 400, "folder"),
        ({"name": "a", "size": "1"}, 400, "size"),
        ({"name": "a", "size": 1, "sha256": "0" * 63}, 400, "sha256"), (7, 400, "name"),
        ({"name": "a", "size": 6 * 1024**4}, 413, "size"),
        ({"name": "a", "size": 1, "folder": ["a"]}, 400, "folder"),
    ],
)  # fmt: skip
def test_one_that_is_refused_is_named_and_none_is_announced(
    browser: Browser, ana: Person, portal: Running, wrong: Any, status: int, field: str
) -> None:
    """All or none, and the answer says which one is meant."""
    before = read_state(portal)
    refused = announce_all(browser, status, {"name": "fine.txt", "size": 12}, wrong)
    assert (refused["file"], refused["field"]) == (1, field)
    assert read_state(portal) == before


@pytest.mark.requirement("R23")
@pytest.mark.parametrize("files", [[], [{"name": "a", "size": 1}] * 41, "a", None, {}])
def test_a_list_of_another_length_is_refused(browser: Browser, ana: Person, files: Any) -> None:
    """One transaction takes forty."""
    for path in ("/v1/uploads", "/v1/uploads/complete"):
        assert call(browser, "POST", path, 400, {"files": files}).answer.json["reason"] == "files_number"


def test_one_that_is_not_there_keeps_no_other_back(browser: Browser, ana: Person, portal: Running) -> None:
    """Each is said for itself: ready, refused, on its way, unknown."""
    good, wrong, early = (announce(browser, name) for name in ("good.txt", "wrong.txt", "early.txt"))
    put_object(portal, file_of(portal, ana, good["file_id"]), BODY)
    put_object(portal, file_of(portal, ana, wrong["file_id"]), b"something else")
    ids = [each["file_id"] for each in (good, wrong, early)]
    done = call(browser, "POST", "/v1/uploads/complete", 200, {"files": [*ids, "0" * 26, 7]}).answer.json
    assert [each["state"] for each in done["files"]] == ["ready", "rejected", "pending", "unknown", "unknown"]
    assert "is not what was announced" in done["files"][1]["problem"]


@pytest.mark.requirement("R27")
def test_the_bytes_hash_is_fixed_in_the_form_and_kept(browser: Browser, ana: Person, portal: Running) -> None:
    """S3 refuses other bytes; what it says itself of the object is what counts."""
    form = call(browser, "POST", "/v1/uploads", 201, {"name": "a.txt", "size": 12, "sha256": SHA256.upper()})
    fields = form.answer.json["fields"]
    assert fields["x-amz-checksum-sha256"] == IN_BASE64
    assert {"x-amz-checksum-sha256": IN_BASE64} in policy(form.answer.json)["conditions"]
    file = file_of(portal, ana, form.answer.json["file_id"])
    put_object(portal, file, BODY, ChecksumSHA256=IN_BASE64)
    done = call(browser, "POST", form.answer.json["complete"], 200).answer.json
    assert (done["state"], done["sha256"]) == ("ready", SHA256)


def test_other_bytes_than_announced_are_refused_and_removed(
    browser: Browser, ana: Person, portal: Running
) -> None:
    """Should they be there all the same, under a true hash of their own, they never become a file."""
    body = {"name": "a.txt", "size": 12, "sha256": SHA256}
    form = call(browser, "POST", "/v1/uploads", 201, body).answer.json
    put_object(portal, file_of(portal, ana, form["file_id"]), b"evil twelve!", ChecksumAlgorithm="SHA256")
    refused = call(browser, "POST", form["complete"], 409).answer.json
    assert refused["reason"] == "rejected_sha256"
    assert list_objects(portal) == []
    assert file_of(portal, ana, form["file_id"]).state is FileState.REJECTED


def test_a_hash_that_s3_computed_is_kept_though_nobody_announced_one(
    browser: Browser, ana: Person, portal: Running
) -> None:
    form = announce(browser)
    put_object(portal, file_of(portal, ana, form["file_id"]), BODY, ChecksumAlgorithm="SHA256")
    assert call(browser, "POST", form["complete"], 200).answer.json["sha256"] == SHA256


def test_folder_and_hash_are_shown_wherever_the_file_is(
    browser: Browser, ana: Person, portal: Running, new_browser: Callable[[], Browser]
) -> None:
    """The list, the file's page, the share; renaming keeps the folder, and both can be searched."""
    body = {"name": "report.pdf", "size": 12, "folder": "Plans/2026", "sha256": SHA256}
    form = call(browser, "POST", "/v1/uploads", 201, body).answer.json
    file = file_of(portal, ana, form["file_id"])
    put_object(portal, file, BODY)
    call(browser, "POST", form["complete"], 200)
    browser.get(f"/files/{file.id}")
    browser.submit(f"/files/{file.id}/rename", name="final.pdf")
    ready = file_of(portal, ana, file.id)
    made = share_files(portal, ana, [ready], confirm=False)
    for path in (
        "/files",
        f"/files/{file.id}",
        f"/shares/{made.about}",
        "/shares",
        f"/shares/new?file={file.id}",
    ):
        assert "Plans/2026/" in browser.get(path).text, path
    for path in (f"/files/{file.id}", f"/shares/{made.about}"):
        assert SHA256 in browser.get(path).text
    for words in ("plans", "2026", "final", "final plans"):
        assert 'title="final.pdf"' in browser.get("/files", query_string={"q": words}).answer.text, words
    assert "final.pdf" not in browser.get("/files", query_string={"q": "report"}).answer.text


@pytest.mark.requirement("R31")
def test_completing_many_leaves_what_it_has_no_time_for(
    browser: Browser, ana: Person, portal: Running
) -> None:
    """What is left is pending, and done when it is asked for again."""
    made = announce_all(browser, 201, *({"name": f"{each}.txt", "size": 12} for each in range(5)))["uploads"]
    for each in made:
        put_object(portal, file_of(portal, ana, each["file_id"]), BODY)
    ids = {"files": [each["file_id"] for each in made]}
    with slow_calls(portal, "s3", "HeadObject", SECONDS / 3):
        first = call(browser, "POST", "/v1/uploads/complete", 200, ids).answer.json["files"]
    assert [each["state"] for each in first] == ["ready"] * 3 + ["pending"] * 2
    then = call(browser, "POST", "/v1/uploads/complete", 200, ids).answer.json["files"]
    assert [each["state"] for each in then] == ["ready"] * 5
