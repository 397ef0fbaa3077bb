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
    "version": set(),
    "config": {"domain"},
    "accent": set(),
    "deadline": {"domain"},
    "aws_calls": set(),
    "formatting": {"domain"},
    "mail": {"domain", "config", "formatting", "accent"},
    "engine": {"domain", "deadline"},
    "workflows": {"domain", "engine", "deadline"},
    "queries": {"domain", "engine", "workflows"},
    "aws": {"domain", "deadline", "aws_calls"},
    "outbound": {"domain"},
    "events": {"domain", "engine", "workflows", "deadline"},
    "web": {
        "domain", "engine", "workflows", "queries", "config", "formatting", "accent", "deadline", "version",
        "aws_calls",
    },
    "bootstrap": {"config", "domain", "engine", "workflows", "aws", "outbound", "mail"},
    "wsgi": {"bootstrap", "config", "web"},
    "serve": {"config", "wsgi"},
    "compiled_ahead": set(),
    "gc_at_startup": set(),
    "verify_audit": {"domain"},
    "repair": {"bootstrap", "config", "domain", "engine", "workflows"},
    "lambda_entry": {
        "compiled_ahead", "gc_at_startup", "bootstrap", "config", "engine", "web", "events", "workflows",
    },
}  # fmt: skip
# The parts of a room, in order: each may import those before it, so that no two know each other. The same
# subjects in every room: who looks for a line guesses one name.
PARTS = {
    "domain": (
        "files", "people", "policy", "contacts", "uploads", "mail", "shares", "audit", "links", "usage",
        "webhooks",
    ),
    "workflows": (
        "contacts", "mail", "uploads", "links", "files", "policy", "shares", "people", "audit", "usage",
        "webhooks", "upkeep",
    ),
    "aws": ("client", "tables", "s3", "ses", "sqs", "ssm", "guardduty", "athena", "cognito"),
    "web": (
        "current", "edge", "identity", "wording", "assets", "errors", "forms", "api", "pages", "app",
    ),
}  # fmt: skip
# Outside libraries that belong to one room; everything else there is free.
ONLY_IN = {
    "flask": {"web"}, "flask_wtf": {"web"}, "wtforms": {"web"}, "werkzeug": {"web", "domain"},
    "authlib": {"web"}, "botocore": {"aws"}, "boto3": {"aws"}, "apig_wsgi": {"web", "lambda_entry"},
    "os": {"wsgi", "lambda_entry", "repair"},
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
            is_package = (ROOT / node.module.replace(".", "/")).is_dir()
            found |= names if is_package else {node.module}
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


def part(module: str) -> str:
    """Of `portal.domain.files.names`: files."""
    return module.split(".")[2]


@pytest.mark.parametrize("path", [path for path in PYTHON if room(path) in PARTS], ids=name)
def test_the_parts_of_a_room_import_one_another_one_way(path: Path) -> None:
    where = path.relative_to(PORTAL).with_suffix("").parts
    order = PARTS[where[0]]
    here = where[1] if where[1] != "__init__" else order[-1]
    if where[0] == "domain" and len(where) == 2:
        return  # what every subject may use
    assert here in order, f"{name(path)}: put it into one of {order}, or add its subject to PARTS."
    others = {part(each) for each in imports(path) if each.startswith(f"portal.{where[0]}.")} - {here}
    wrong = others & set(order[order.index(here) :])
    assert not wrong, f"{name(path)} imports {sorted(wrong)}: only {order[: order.index(here)]} are below it."


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_a_library_stays_in_its_room(path: Path) -> None:
    for each in {each.split(".")[0] for each in imports(path)} & set(ONLY_IN):
        allowed = ONLY_IN[each]
        assert room(path) in allowed, (
            f"{name(path)} imports {each}, which belongs to {sorted(allowed)}: go through it."
        )


def test_boto3_makes_the_clients() -> None:
    """boto3 is the project's SDK; of botocore only what boto3 has no name for: the configuration of clients,
    `UNSIGNED`, which its own manual takes from there, and the exceptions.
    """
    botocore = {each for path in PYTHON for each in imports(path) if each.split(".")[0] == "botocore"}
    assert botocore <= {"botocore", "botocore.config", "botocore.exceptions"}, (
        f"{sorted(botocore)}: go through boto3."
    )


@pytest.mark.requirement("R68")
def test_the_domain_needs_the_standard_library_and_two_more_only() -> None:
    """Idna: a domain is read as its standard says, and Python's own codec is that of 2003. Werkzeug:
    what keeps passwords is better not our own, and `werkzeug.security` needs nothing of the web.
    """
    for path in (PORTAL / "domain").rglob("*.py"):
        outside = {each.split(".")[0] for each in imports(path)} - set(sys.stdlib_module_names)
        outside -= {"portal", "idna"}
        if "werkzeug.security" in imports(path):
            outside -= {"werkzeug"}
        assert not outside, f"{name(path)} imports {sorted(outside)}: the domain knows nothing but itself."


@pytest.mark.requirement("R68")
def test_nobody_uses_the_codec_for_domains_of_2003() -> None:
    """It maps ß to ss, which is another owner's domain."""
    users = [
        name(path)
        for path in PYTHON
        if re.search(r"(encode|decode)\([\"']idna|encodings.idna", path.read_text())
    ]
    assert not users, f"{users} read domains by IDNA 2003: use portal.domain.contacts.mailboxes.ascii_domain."


def test_nobody_imports_the_local_room() -> None:
    for path in PYTHON:
        assert not any(each.startswith("portal.local") for each in imports(path)), (
            f"{name(path)} imports portal.local, which is never deployed: turn the dependency round."
        )


def lines_of(path: Path) -> int:
    return len(path.read_text().splitlines())


def list_tracked(pattern: str) -> list[Path]:
    asked = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", pattern], cwd=ROOT, capture_output=True
    )
    paths = [ROOT / line for line in asked.stdout.decode().splitlines()]
    return [path for path in paths if path.exists()]


@pytest.mark.parametrize("pattern", SIZES)
def test_files_stay_small(pattern: str) -> None:
    long = {name(path): lines_of(path) for path in list_tracked(pattern) if lines_of(path) > SIZES[pattern]}
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


# Tests that try all of a room at once, and so belong to none of its parts.
OF_A_WHOLE_ROOM = {
    "domain/test_characters.py", "domain/test_clock.py", "domain/test_csv_cells.py", "domain/test_keyring.py",
    "web/test_injection.py", "web/test_safety.py",
}  # fmt: skip


def test_tests_stand_where_what_they_try_stands() -> None:
    """In `tests/` as in `portal/`: the folder of a line's test is guessed from the line's."""
    astray = [
        str(path)
        for each in ("domain", "workflows", "web")
        for path in ((ROOT / "tests" / each).rglob("test_*.py"))
        for at in [path.relative_to(ROOT / "tests")]
        if not ((PORTAL / at.parent).is_dir() and len(at.parts) > 2) and at.as_posix() not in OF_A_WHOLE_ROOM
    ]
    assert not astray, f"{astray}: put a test in the folder that is named as its subject in portal/."


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_stay_small() -> None:
    long = [each for path in list_tracked("*.py") for each in longer(path, 50)]
    assert not long, f"Functions over 50 lines, take a named part out: {long}"


def test_workflow_steps_stay_small() -> None:
    steps = (PORTAL / "workflows").rglob("*.py")
    long = [each for path in steps for each in longer(path, 25)]
    assert not long, f"Steps say one fact or one refusal; split: {long}"


def test_test_functions_stay_small() -> None:
    long = [each for path in list_tracked("tests/*.py") for each in longer(path, 40, "test_")]
    assert not long, f"Test functions over 40 lines, name their parts: {long}"


def test_only_the_configuration_reads_the_environment() -> None:
    readers = [
        name(path)
        for path in PYTHON
        if re.search(r"os\.environ|getenv|import environ", path.read_text())
        and room(path) not in {"config", "wsgi", "lambda_entry", "repair"}
    ]
    assert not readers, f"{readers} read the environment: add a field to Config instead."


FORBIDDEN = {
    "render_template_string": "build no template from text",
    "|safe": "escape instead", "| safe": "escape instead",
    "eval(": "parse instead", "pickle": "use JSON", "debug=True": "no debugger in the portal",
}  # fmt: skip


@pytest.mark.requirement("R66")
@pytest.mark.parametrize("word", FORBIDDEN)
def test_nothing_dangerous_is_written(word: str) -> None:
    here = [name(path) for path in [*PYTHON, *(ROOT / "templates").rglob("*.*")] if word in path.read_text()]
    assert not here, f"{here} contain {word!r}: {FORBIDDEN[word]}."
