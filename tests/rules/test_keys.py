"""Keys of the tables are written in one place, and the data model shows each."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import portal.aws.client
from portal.aws.client import keys
from portal.domain.audit.marks import make_mark
from portal.domain.policy.limits import Rate

ROOT = Path(__file__).parents[2]
MODEL = (ROOT / "docs" / "data-model.md").read_text()
TABLES = sorted((ROOT / "portal" / "aws").rglob("*.py"))
# keys.py, and those of single subjects beside it.
KEYS = [
    importlib.import_module(f"portal.aws.client.{each.name}")
    for each in pkgutil.iter_modules(portal.aws.client.__path__)
    if each.name.endswith("keys")
]
KEY = re.compile(r"[A-Z_]{3,}#")
NOW = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
ROW = re.compile(r"^\| [^|]+ \| `([^`|]+)` \| `([^`|]+)` \| `(\w+)` \|$", re.MULTILINE)
LIST = re.compile(r"^\| `([^`|]+)` \| [^|]+ \| `(\w+)` \|$", re.MULTILINE)


class Thing:
    """A file or a share, as far as keys ask."""

    id, owner_id, created_at = "ID", "OWNER", NOW


def make_key(name: str) -> Any:
    """What a builder makes of arguments that cannot be mistaken for its own words."""
    builder = next(getattr(module, name) for module in KEYS if hasattr(module, name))
    if not callable(builder):
        return builder
    values: dict[str, Any] = {
        "at": NOW,
        "day": NOW.date(),
        "file": Thing(),
        "share": Thing(),
        "mark": make_mark(NOW, 1, "f" * 12),
        "shard": 3,
        "rate": Rate("bucket", 5, 6, 60),
        "version": 7,
    }
    return builder(*(values.get(each, "value") for each in inspect.signature(builder).parameters))


def builders(ending: str) -> set[str]:
    return {
        name for module in KEYS for name, thing in vars(module).items()
        if inspect.isfunction(thing) and name.endswith(ending) and thing.__module__ == module.__name__
    }  # fmt: skip


def fits(shown: str, text: str) -> bool:
    """`PERSON#<person>` stands for any text after the mark."""
    parts = re.split(r"<[^>]+>", shown)
    return re.fullmatch(".+".join(map(re.escape, parts)), text) is not None


@pytest.mark.parametrize("path", TABLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_keys_are_written_in_one_place(path: Path) -> None:
    if path.stem.endswith("keys"):
        return
    texts = [
        node.value for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.match(node.value)
    ]  # fmt: skip
    own = [text for text in texts if "\n" not in text]
    prefixes = {
        "GROUP#",
        "KNOWN#",
        "SESSION#",
        "TOKEN#",
        "DRAFT#",
        "RECIPIENT#",
        "VERSION#",
    }  # of queries within a partition
    assert set(own) <= prefixes, "build it in portal/aws/client/keys.py, or in one beside it"


def test_the_model_shows_every_key() -> None:
    shown = {name: (pk, sk) for pk, sk, name in ROW.findall(MODEL)}
    constants = {"EXACT_TOTALS_KEY"}
    assert set(shown) == (builders("_key") - {"address_key"}) | constants
    for name, (pk, sk) in shown.items():
        assert fits(pk, make_key(name)[0]), name
        assert fits(sk, make_key(name)[1]), name


def test_the_model_shows_every_list() -> None:
    shown = {name: pk for pk, name in LIST.findall(MODEL)}
    assert set(shown) == builders("_list") | {"SUPPRESSED_LIST", "QUARANTINE_LIST", "WEBHOOKS_LIST"}
    for name, pk in shown.items():
        assert fits(pk, make_key(name)), name
    for kind in keys.DueKind:
        assert f"`{kind}`" in MODEL
