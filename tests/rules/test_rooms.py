"""The layout, held: who may import whom, who reads the environment, how large things may grow."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PORTAL = ROOT / "portal"

# Which rooms a room may import; a file at the top of portal/ is a room of its own.
MAY_IMPORT: dict[str, set[str]] = {
    "domain": set(),
    "environment": {"domain"},
    "config": {"domain", "environment"},
    "accent": set(),
    "spoken": {"domain"},
    "letters": {"domain", "config", "spoken", "accent"},
    "workflows": {"domain"},
    "queries": {"domain", "workflows"},
    "aws": {"domain"},
    "events": {"domain", "workflows"},
    "web": {"domain", "workflows", "queries", "config", "spoken", "accent"},
    "bootstrap": {"config", "environment", "domain", "workflows", "aws", "letters"},
    "wsgi": {"bootstrap", "config", "web"},
    "serve": {"config", "environment", "wsgi"},
    "start_quietly": set(),
    "lambda_entry": {"start_quietly", "bootstrap", "config", "environment", "web", "events", "workflows"},
}
# Outside libraries that belong to one room; everything else there is free.
ONLY_IN = {
    "flask": {"web"}, "flask_wtf": {"web"}, "wtforms": {"web"}, "werkzeug": {"web"}, "authlib": {"web"},
    "botocore": {"aws"}, "boto3": {"aws"}, "apig_wsgi": {"web", "lambda_entry"},
    "os": {"wsgi", "lambda_entry"},
}  # fmt: skip
PYTHON = sorted(path for path in PORTAL.rglob("*.py") if "local" not in path.relative_to(PORTAL).parts)
SIZES = {"*.py": 300, "*.js": 200, "*.html": 120}


def room(path: Path) -> str:
    return path.relative_to(PORTAL).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Full names of the modules a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if node.module == "portal" else {node.module}
    return found


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_room_imports_only_the_rooms_it_may(path: Path) -> None:
    mine = room(path)
    if mine == "__init__":
        return
    assert mine in MAY_IMPORT, (
        f"{name(path)} is in a room nobody agreed on: put it in one of {sorted(MAY_IMPORT)}."
    )
    ours = {each.split(".")[1] for each in imports(path) if each.startswith("portal.")}
    wrong = ours - MAY_IMPORT[mine] - {mine}
    assert not wrong, (
        f"{name(path)} imports {sorted(wrong)}: {mine} may import {sorted(MAY_IMPORT[mine])} only."
    )


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_library_stays_in_its_room(path: Path) -> None:
    for each in {each.split(".")[0] for each in imports(path)} & set(ONLY_IN):
        allowed = ONLY_IN[each]
        assert room(path) in allowed, (
            f"{name(path)} imports {each}, which belongs to {sorted(allowed)}: go through it."
        )


def test_the_domain_needs_the_standard_library_only() -> None:
    for path in (PORTAL / "domain").glob("*.py"):
        outside = {each.split(".")[0] for each in imports(path)} - set(sys.stdlib_module_names) - {"portal"}
        assert not outside, f"{name(path)} imports {sorted(outside)}: the domain knows nothing but itself."


def test_nobody_imports_the_local_room() -> None:
    for path in PYTHON:
        assert not any(each.startswith("portal.local") for each in imports(path)), (
            f"{name(path)} imports portal.local, which is never deployed: turn the dependency round."
        )


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def tracked(pattern: str) -> list[Path]:
    asked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", pattern], cwd=ROOT, capture_output=True
    )
    paths = [ROOT / line for line in asked.stdout.decode().splitlines()]
    return [path for path in paths if path.exists()]


@pytest.mark.parametrize("pattern", SIZES)
def test_files_stay_small(pattern: str) -> None:
    long = {name(path): lines_of(path) for path in tracked(pattern) if lines_of(path) > SIZES[pattern]}
    assert not long, f"Longer than {SIZES[pattern]} lines, split by what question each part answers: {long}"


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def longer(path: Path, most: int, prefix: str = "") -> list[str]:
    return [
        f"{name(path)}:{node.name} {length(node)}"
        for node in functions(path)
        if node.name.startswith(prefix) and length(node) > most
    ]


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_stay_small() -> None:
    long = [each for path in tracked("*.py") for each in longer(path, 50)]
    assert not long, f"Functions over 50 lines, take a named part out: {long}"


def test_workflow_steps_stay_small() -> None:
    steps = (PORTAL / "workflows").glob("*.py")
    long = [each for path in steps if path.stem not in {"engine", "services"} for each in longer(path, 25)]
    assert not long, f"Steps say one fact or one refusal; split: {long}"


def test_test_functions_stay_small() -> None:
    long = [each for path in tracked("tests/*.py") for each in longer(path, 40, "test_")]
    assert not long, f"Test functions over 40 lines, name their parts: {long}"


def test_only_the_configuration_reads_the_environment() -> None:
    readers = [
        name(path)
        for path in PYTHON
        if re.search(r"os\.environ|getenv|import environ", path.read_text())
        and room(path) not in {"config", "wsgi", "lambda_entry"}
    ]
    assert not readers, f"{readers} read the environment: add a field to Config instead."


FORBIDDEN = {
    "render_template_string": "build no template from text",
    "|safe": "escape instead", "| safe": "escape instead",
    "eval(": "parse instead", "pickle": "use JSON", "debug=True": "no debugger in the portal",
}  # fmt: skip


@pytest.mark.parametrize("word", FORBIDDEN)
def test_nothing_dangerous_is_written(word: str) -> None:
    """R66."""
    here = [name(path) for path in [*PYTHON, *(ROOT / "templates").rglob("*.*")] if word in path.read_text()]
    assert not here, f"{here} contain {word!r}: {FORBIDDEN[word]}."
