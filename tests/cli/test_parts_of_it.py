"""Parts of the command that have no need of a portal."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from portal_cli.context import clean
from portal_cli.downloading import make_target
from portal_cli.http import check_address
from portal_cli.journal import open_journal
from portal_cli.local_files import LocalFile, Skipped, find_files
from portal_cli.main import run
from portal_cli.moments import parse_end
from portal_cli.problems import Problem, Refused, UsageProblem
from portal_cli.recipient_link import Offered

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)


def offer(name: str, folder: str = "") -> Offered:
    return Offered("f", name, folder, 1, "", "a", "", None)


@pytest.mark.parametrize(
    ("name", "folder"),
    [("../../evil", ""), ("evil", "../.."), ("evil", "/etc"), ("..\\evil", "a\\..\\.."), ("e\x1bvil", "..")],
)
def test_nothing_is_written_outside_the_folder(tmp_path: Path, name: str, folder: str) -> None:
    target = make_target(tmp_path, offer(name, folder))
    assert target.resolve().is_relative_to(tmp_path)
    assert "\x1b" not in target.name


def test_neither_through_a_link_that_lies_in_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "out").symlink_to(tmp_path)
    with pytest.raises(Refused):
        make_target(tmp_path / "in", offer("evil", "out"))


@pytest.mark.parametrize("name", ["", ".", "..", " . "])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused):
        make_target(tmp_path, offer(name))


def test_times_are_typed_as_spans_days_and_moments() -> None:
    assert parse_end("12h", NOW) == NOW + timedelta(hours=12)
    assert parse_end("2w", NOW) == NOW + timedelta(days=14)
    assert parse_end("2026-12-24T18:00:00Z", NOW) == datetime(2026, 12, 24, 18, tzinfo=UTC)
    assert parse_end("2026-12-24", NOW).day == 24
    for wrong in ("0d", "7", "soon", "2026-13-01"):
        with pytest.raises(UsageProblem):
            parse_end(wrong, NOW)


def test_a_portal_is_asked_over_https_or_on_this_computer() -> None:
    assert check_address("files.example.org/") == "https://files.example.org"
    assert check_address("http://127.0.0.1:8000") == "http://127.0.0.1:8000"
    for wrong in ("http://files.example.org", "ftp://files.example.org", "https://a:b@files.example.org"):
        with pytest.raises(UsageProblem):
            check_address(wrong)


def note_and_fail(path: Path, name: str) -> tuple[list[str], str]:
    """What was known before, and by which nonce."""
    with suppress(Problem), open_journal(path) as journal:
        before = list(journal.known), journal.nonce
        journal.note([name], [f"file-{name}"], arrived=True)
        raise Problem("cut off")
    return before


def test_a_journal_that_a_kill_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    """And what is added after half a line counts."""
    path = tmp_path / "journal.jsonl"
    _, nonce = note_and_fail(path, "one")
    with path.open("a") as file:
        file.write('{"file": "two", "id"')
    assert note_and_fail(path, "three") == (["one"], nonce)
    with open_journal(path) as journal:
        assert list(journal.known) == ["one", "three"]
    assert not path.exists()


def test_the_same_command_does_not_run_twice_at_once(tmp_path: Path) -> None:
    with open_journal(tmp_path / "journal.jsonl"), pytest.raises(UsageProblem):  # noqa: SIM117
        with open_journal(tmp_path / "journal.jsonl"):
            pass


def test_a_folder_is_sent_without_links_and_what_is_empty(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("b")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "link.txt").symlink_to("/etc/passwd")
    found = list(find_files([tmp_path]))
    assert [each.name for each in found if isinstance(each, LocalFile)] == ["b.txt"]
    skipped = {(each.path.name, each.reason) for each in found if isinstance(each, Skipped)}
    assert skipped == {("empty.txt", "empty"), ("link.txt", "link")}


def test_other_peoples_words_do_not_steer_the_terminal() -> None:
    assert "\x1b" not in clean("\x1b]0;evil\x07\x9b31m")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_completion(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert "_PORTAL_COMPLETE" in capsys.readouterr().out
