"""Everything that destroys bytes or rows is listed here, with what asks for legal holds before it (I8)."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from portal.aws.tables.files_table import Files
from portal.aws.tables.people import People
from portal.aws.tables.shares_table import Shares

pytestmark = pytest.mark.requirement("I8")

ROOT = Path(__file__).parents[2]
ROOMS = [
    path
    for room in ("workflows", "events", "queries", "web")
    for path in (ROOT / "portal" / room).rglob("*.py")
]
# The methods of services that destroy something, or decide that it is destroyed.
DESTROYING = {
    "objects": {"remove"}, "parts": {"abort"}, "file_shares": {"forget"}, "groups": {"delete_all"},
    "files": {"trash", "mark_purged", "purge", "cancel", "reject", "delete_pending"},
    "shares": {"mark_deleted", "delete"}, "people": {"close", "mark_removed", "remove"},
}  # fmt: skip
# Those whose own transaction asks (`check_not_held`).
ASKING = {
    Files: ("mark_purged", "cancel", "reject"), Shares: ("mark_deleted",), People: ("close", "mark_removed"),
}  # fmt: skip
GUARDED = {
    "move_to_trash: files.trash": "its own transaction asks",
    "remove: files.trash": "its own transaction asks",  # out of quarantine
    "end_lifetime: files.trash": "its own transaction asks",
    "remove_file: files.trash": "its own transaction asks",
    "erase: files.mark_purged": "its own transaction asks",
    "erase: objects.remove": "mark_purged asked, and nothing purged can be held any more",
    "erase: file_shares.forget": "mark_purged asked",
    "erase: files.purge": "mark_purged asked",
    "give_up: files.cancel": "its own transaction asks",
    "give_up: parts.abort": "cancel asked, and nothing cancelled can be held any more",
    "give_up: objects.remove": "cancel asked",
    "give_up: files.delete_pending": "cancel asked",
    "settle: files.reject": "its own transaction asks",
    "settle: objects.remove": "reject asked",
    "complete_by_event: objects.remove": "is_key_held is asked: no row answers for these bytes",
    "abandon_stray: parts.abort": "is_key_held is asked: no row names these parts",
    "begin: parts.abort": "an upload that this call began a moment ago, with nothing in it",
    "remove_share: shares.mark_deleted": "its own transaction asks",
    "remove_share: shares.delete": "mark_deleted asked",
    "close: people.close": "its own transaction asks",
    "remove_account: people.mark_removed": "its own transaction asks",
    "remove_account: groups.delete_all": "mark_removed asked",
    "remove_account: people.remove": "mark_removed asked",
}


def find_destroying_calls(path: Path) -> set[str]:
    """`function: service.method` of each call in a file."""
    found = set()
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                called = ast.unparse(node.func).rsplit(".", 2)[-2:] if isinstance(node, ast.Call) else []
                if len(called) == 2 and called[1] in DESTROYING.get(called[0], ()):
                    found.add(f"{function.name}: {'.'.join(called)}")
    return found


def test_every_destroying_call_says_what_asks_for_holds() -> None:
    found = set().union(*map(find_destroying_calls, ROOMS))
    assert found == set(GUARDED), "say here what asks for legal holds before it, and have it ask"


def test_those_that_ask_do_so_in_their_transaction() -> None:
    for table, names in ASKING.items():
        for name in names:
            assert "check_not_held" in inspect.getsource(getattr(table, name)), f"{table.__name__}.{name}"
    moving = inspect.getsource(Files.move)
    assert "check_not_held" in moving
    assert ".move(" in inspect.getsource(Files.trash)


def test_only_the_portal_s_own_rooms_remove_from_s3() -> None:
    """Past the interfaces above nothing calls S3's own names for it."""
    own = {"file_store.py", "parts_store.py", "export_store.py"}  # the last: copies for one person
    names = ("delete_object", "abort_multipart_upload")
    paths = [each for each in (ROOT / "portal").rglob("*.py") if "local" not in each.parts]
    others = [
        path.name for path in paths
        if path.name not in own and any(f".{name}(" in path.read_text() for name in names)
    ]  # fmt: skip
    assert others == []
