"""What no tracked file may hold, whatever kind of file it is."""

from __future__ import annotations

import re

import pytest

from tests.rules.tracked import list_tracked_files, texts

# Written so that this file holds none itself. Git's markers, those of its three-way style, and a line between
# them that was left behind; a heading or a rule of seven equals signs is mistaken for one: make it longer.
MARKER = re.compile(r"^(?:<{7}|>{7}|\|{7})(?:[ \t].*)?$|^={7}$", re.MULTILINE)
LEFT_BY_MERGES = (".orig", ".rej", ".BACKUP", ".BASE", ".LOCAL", ".REMOTE")


def test_no_file_holds_a_conflict_marker() -> None:
    """A merge that was not finished: settle it by hand, then remove the lines."""
    marked = {path for path, text in texts() if MARKER.search(text.replace("\r\n", "\n"))}
    assert not marked, f"{sorted(marked)} hold conflict markers"


def test_no_file_was_left_by_a_merge() -> None:
    assert [path for path in list_tracked_files() if path.endswith(LEFT_BY_MERGES)] == []


@pytest.mark.parametrize("sign", ["<", ">", "|", "="])
@pytest.mark.parametrize("ending", ["\n", "\r\n", ""])
def test_each_marker_is_found_alone(sign: str, ending: str) -> None:
    """Half of a conflict is as wrong as all of it."""
    found = f"before\n{sign * 7}{ending}".replace("\r\n", "\n")
    assert MARKER.search(found)
    assert MARKER.search(f"{'<' * 7} HEAD\nours")
    assert not MARKER.search(f"a {sign * 7} b\n{sign * 8}\n{sign * 6}\n")
