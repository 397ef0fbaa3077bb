"""What is killed in the middle goes on where it was, and what arrives is what was sent."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from tests.cli.conftest import SECONDS, Command
from tests.cli.gate import open_gate
from tests.parts import EACH

MIB = 1024**2
SIZE = 64 * MIB
HELD_AFTER = 30 * MIB
AT_ONCE = 2  # connections: so many parts at most are unfinished when it is killed
BESIDE = MIB  # for what is said to the portal itself
CAROL = "carol@partner.example"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kill_midway(command: Command, *words: str, once: Path | None = None) -> int:
    """Bytes that are there for good when it is killed: whole parts, or what the file `once` says."""
    with open_gate(HELD_AFTER) as gate:
        process = command.through(gate.address).start("--connections", str(AT_ONCE), *words)
        assert gate.is_shut.wait(SECONDS), process.communicate(timeout=5)
        least = HELD_AFTER - BESIDE - AT_ONCE * EACH
        ends = time.monotonic() + SECONDS
        while once and count_noted(once) < least and time.monotonic() < ends:
            time.sleep(0.1)
        process.kill()
        process.communicate(timeout=SECONDS)
        assert process.returncode == -9
    return count_noted(once) if once else least


def count_noted(state: Path) -> int:
    if not state.exists():
        return 0
    return sum(at - start for start, _, at in json.loads(state.read_text())["pieces"])


def test_killed_transfers_go_on_and_count_once(
    staff: Command, stranger: Command, film: Path, tmp_path: Path
) -> None:
    """Both ways, by another process: what had arrived is not sent again, nor fetched. Also where the press
    that was cut off was the link's last, which offers nothing by then.
    """
    words = ("send", str(film), "--to", CAROL, "--limit", "1", "--no-code")
    there = kill_midway(staff, *words)
    with open_gate() as gate:
        (share,) = staff.through(gate.address).runs(*words)["shares"]
    assert SIZE - HELD_AFTER - BESIDE < gate.passed <= SIZE - there + BESIDE
    assert [each["size"] for each in share["files"]] == [SIZE]
    link = share["recipients"][0]["link"]
    there = kill_midway(
        stranger, "get", link, "-o", str(tmp_path), once=tmp_path / "film.bin.portal-part.json"
    )
    assert there > EACH
    assert not (tmp_path / "film.bin").exists(), "what is not whole has another name"
    with open_gate() as gate:
        stranger.through(gate.address).runs("get", link, "-o", str(tmp_path))
    assert gate.passed <= SIZE - there + BESIDE
    assert hash_of(tmp_path / "film.bin") == hash_of(film)
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["film.bin"]
    (seen,) = staff.runs("status", share["share_id"])["recipients"]
    assert list(seen["downloads"].values()) == [1]
    again = stranger.runs("get", link, "-o", str(tmp_path))
    assert [each["fetched"] for each in again["files"]] == [False], "and what is there is not asked for again"
    elsewhere = stranger.fails(5, "get", link, "-o", str(tmp_path / "elsewhere"))
    assert elsewhere["reason"] == "spent"


def test_other_bytes_than_were_sent_are_not_kept(staff: Command, stranger: Command, tmp_path: Path) -> None:
    sent = tmp_path / "plan.txt"
    sent.write_text("the plan, as it was sent")
    (share,) = staff.runs("send", str(sent), "--to", CAROL, "--no-code")["shares"]
    target = tmp_path / "fetched"
    with open_gate(spoil=(b"as it was sent", b"as it never is")) as gate:
        told = stranger.through(gate.address).fails(
            7, "get", share["recipients"][0]["link"], "-o", str(target)
        )
    assert told["reason"] == "checksum"
    assert list(target.iterdir()) == []
