"""A function is named by what it does: a verb phrase, or a question where it answers one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tools.kinds_of_names import kind_of

ROOT = Path(__file__).parents[2]
PORTAL = sorted((ROOT / "portal").rglob("*.py"))
AVOIDED = {"bare participle", "participle phrase", "bare pronoun or preposition"}
# Names that others ask for, and views whose name is part of their endpoint.
ALLOWED = {"done", "under_way"}


def functions(path: Path) -> list[ast.FunctionDef]:
    """Without properties, which name what they give."""
    found = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    made = [each for each in found if not each.name.endswith(("_key", "_list"))]  # of the table: nouns
    return [each for each in made if not any("property" in ast.unparse(by) for by in each.decorator_list)]


@pytest.mark.parametrize("path", PORTAL, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_are_named_by_what_they_do(path: Path) -> None:
    """`told`, `asked_again` and `mine` say neither who does what nor what comes back."""
    odd = {each.name for each in functions(path) if kind_of(each.name) in AVOIDED} - ALLOWED
    assert not odd, "name each by a verb (parse_recipients), or as a question (is_open)"
