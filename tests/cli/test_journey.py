"""From signing in to a file that has arrived, and back, against a whole portal."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.local.people import STAFF, Person
from tests.cli.conftest import Command

CAROL = "carol@partner.example"
CODE = re.compile(r"\b(\d{6})\b")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files, one in a folder inside."""
    top = tmp_path / "Drawings"
    (top / "Ground floor").mkdir(parents=True)
    (top / "plan.txt").write_text("the plan")
    (top / "Ground floor" / "stairs.txt").write_text("the stairs")
    return top


def read_code(command: Command) -> str:
    """Of the newest email with one."""
    bodies = [each["text"] for each in command.portal.outbox() if "code" in each["subject"].lower()]
    found = CODE.search(bodies[-1])
    assert found
    return found[1]


def test_who_signed_in_is_known(staff: Command) -> None:
    """The token is in a file that nobody else reads, and bounded."""
    me = staff.runs("whoami")
    assert (me["address"], me["scopes"]) == (STAFF.email, ["delete", "read", "share", "upload"])
    (kept,) = (staff.home / "tokens").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert staff.home.stat().st_mode & 0o777 == 0o700
    (mine,) = [each for each in staff.runs("tokens")["tokens"] if each["is_current"]]
    assert mine["name"].startswith("portal on ")


def test_a_folder_is_sent_followed_changed_and_withdrawn(staff: Command, folder: Path) -> None:
    sent = staff.runs("send", str(folder), "--to", CAROL, "--expires", "3d", "--limit", "3", "--no-code")
    (share,) = sent["shares"]
    assert {(each["folder"], each["file_name"]) for each in share["files"]} == {
        ("Drawings", "plan.txt"), ("Drawings/Ground floor", "stairs.txt"),
    }  # fmt: skip
    assert share["download_limit"] == 3
    assert not list((staff.home / "uploads").iterdir()), "nothing is left to go on with"
    share_id = share["share_id"]
    (recipient,) = staff.runs("status", share_id)["recipients"]
    assert recipient["address"] == CAROL
    longer = staff.runs("extend", share_id, "--by", "7d", "--limit", "5")
    assert longer["download_limit"] == 5
    assert longer["expires_at"] > share["expires_at"]
    assert staff.runs("remind", share_id)["reminded"][0]["sent"]
    assert share_id in {each["share_id"] for each in staff.runs("ls", "--shares")["shares"]}
    corrected = staff.runs("correct", share_id, CAROL, "right@partner.example")
    assert {each["address"] for each in corrected["recipients"] if each["status"] == "open"} == {
        "right@partner.example"
    }
    assert staff.runs("revoke", share_id)["status"] == "withdrawn"
    file_ids = [each["file_id"] for each in share["files"]]
    assert set(file_ids) <= {each["file_id"] for each in staff.runs("ls")["files"]}
    assert staff.runs("rm", *file_ids)["trashed"] == file_ids
    assert not set(file_ids) & {each["file_id"] for each in staff.runs("ls")["files"]}


def test_a_link_is_fetched_with_a_code(
    staff: Command, stranger: Command, folder: Path, tmp_path: Path
) -> None:
    """By someone who never signed in: the first run says what is missing, the second one goes on."""
    share = staff.runs("send", str(folder), "--to", CAROL, "--limit", "1")["shares"][0]
    link, target = share["recipients"][0]["link"], tmp_path / "fetched"
    told = stranger.fails(8, "get", link, "-o", str(target))
    assert "A code was mailed to c•••@p•••.example" in told["detail"]
    assert stranger.fails(4, "get", link, "-o", str(target), "--code", "000000")["reason"] == "wrong_code"
    fetched = stranger.runs("get", link, "-o", str(target), "--code", read_code(staff))["files"]
    assert all(each["fetched"] for each in fetched)
    assert (target / "Drawings" / "plan.txt").read_text() == "the plan"
    assert (target / "Drawings" / "Ground floor" / "stairs.txt").read_text() == "the stairs"
    again = stranger.runs("get", link, "-o", str(target))["files"]
    assert not any(each["fetched"] for each in again), "all of it is there"
    elsewhere = stranger.fails(5, "get", link, "-o", str(tmp_path / "elsewhere"))
    assert elsewhere["reason"] == "spent", "all downloads are used"
    seen = staff.runs("status", share["share_id"], "--watch")
    assert sum(seen["recipients"][0]["downloads"].values()) == 2


def test_what_is_there_is_not_fetched_again(
    staff: Command, stranger: Command, folder: Path, tmp_path: Path
) -> None:
    share = staff.runs("send", str(folder / "plan.txt"), "--to", CAROL, "--no-code")["shares"][0]
    link = share["recipients"][0]["link"]
    assert stranger.runs("get", link, "--list")["files"][0]["file_name"] == "plan.txt"
    for fetched in (True, False):
        assert stranger.runs("get", link, "-o", str(tmp_path))["files"][0]["fetched"] is fetched
    (tmp_path / "plan.txt").write_text("another")
    assert stranger.fails(2, "get", link, "-o", str(tmp_path))["reason"] == "exists"
    stranger.runs("get", link, "-o", str(tmp_path), "--force")
    assert (tmp_path / "plan.txt").read_text() == "the plan"
    (seen,) = staff.runs("status", share["share_id"])["recipients"]
    assert sum(seen["downloads"].values()) == 2


def test_scripts_tell_by_the_exit_code_what_went_wrong(
    staff: Command, stranger: Command, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.txt"
    empty.touch()
    assert staff.fails(2, "send", str(empty), "--to", CAROL)["reason"] == "empty"
    assert staff.fails(2, "send", str(tmp_path / "none"), "--to", CAROL)["reason"] == "file"
    assert staff.fails(2, "get", "https://files.example.org/")["reason"] == "link"
    assert stranger.fails(3, "whoami")["reason"] == "not_signed_in"
    assert staff.fails(5, "status", "0" * 26)["status"] == 404
    assert staff.fails(5, "get", f"{staff.portal.url}/d/nothing")["status"] == 404
    full = tmp_path / "full.txt"
    full.write_text("x")
    assert staff.fails(4, "send", str(full), "--to", "no address")["status"] == 400
    assert staff.run("send")[0] == 2


def test_what_was_refused_is_sent_by_other_terms(staff: Command, folder: Path) -> None:
    """The files have arrived by then, and are not sent again; the refused terms are not kept."""
    words = ("send", str(folder / "plan.txt"), "--to", "eve@partner.example")
    staff.fails(4, *words, "--expires", "9000d")
    assert list((staff.home / "uploads").iterdir()), "the same command could go on"
    before = {each["file_id"] for each in staff.runs("ls")["files"]}
    (share,) = staff.runs(*words, "--expires", "3d")["shares"]
    assert {each["file_id"] for each in share["files"]} <= before


def test_a_token_signs_in_where_there_is_no_browser(staff: Command, stranger: Command) -> None:
    """Piped, never an argument."""
    (kept,) = (staff.home / "tokens").iterdir()
    me = stranger.runs("login", stranger.portal.url, "--token", typed=kept.read_text() + "\n")
    assert me["address"] == STAFF.email
    assert stranger.runs("whoami")["address"] == STAFF.email


def test_signing_out_ends_the_token_at_the_portal(
    sign_in_by_browser: Callable[[Person], Command], stranger: Command
) -> None:
    command = sign_in_by_browser(STAFF)
    (kept,) = (command.home / "tokens").iterdir()
    token = kept.read_text()
    command.runs("logout")
    assert not kept.exists()
    assert command.fails(3, "whoami")["reason"] == "not_signed_in"
    code, _, err = stranger.run("login", stranger.portal.url, "--token", typed=f"{token}\n")
    assert code == 3, err
