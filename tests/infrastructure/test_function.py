"""What is handed to Zappa: a package for the runtime, the very credentials that were checked, and a digest
that tells whether anything is new; and what it leaves of variables is put right."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infrastructure import function
from infrastructure.failures import CommandFailed
from infrastructure.function import (
    DEPLOYED,
    ENTRY,
    bring_function,
    check_package,
    digest_deployment,
    run_zappa,
)
from infrastructure.runtime import BYTECODE, Runtime, find_python, own_runtime
from infrastructure.stages import Stage, open_session
from portal.local.ministack import MiniStack
from tests.infrastructure.conftest import Stack
from tests.infrastructure.test_operations import code_of

ARM, INTEL = Runtime("python3.13", "arm64"), Runtime("python3.13", "x86_64")


def header(machine: int) -> str:
    """The beginning of a compiled library (ELF) for a processor."""
    return (b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little")).decode("latin-1")


def bytecode(version: str) -> str:
    """The beginning of a module that a version of Python compiled."""
    return BYTECODE[version].to_bytes(2, "little").decode("latin-1")


def pack(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text.encode("latin-1"))
    return path


@pytest.mark.parametrize(
    ("binary", "text", "runtime", "fits"),
    [
        ("a/b.cpython-313-aarch64-linux-gnu.so", header(183), ARM, True),
        ("a/b.cpython-313-x86_64-linux-gnu.so", header(62), INTEL, True),
        ("a/b.cpython-313-x86_64-linux-gnu.so", header(62), ARM, False),
        ("a/b.cpython-311-aarch64-linux-gnu.so", header(183), ARM, False),
        ("a/b.cpython-313-aarch64-linux-gnu.so", header(62), ARM, False),
        ("a/b.abi3.so", header(183), ARM, True),
        ("a/b.abi3.so", header(62), ARM, False),
        ("a/libffi.so.8.1", header(62), ARM, False),
        ("a/b.so", "MZ", ARM, False),
        ("a/b.cp313-win_amd64.pyd", "MZ", ARM, False),
        ("a/b.pyc", bytecode("3.13"), ARM, True),
        ("a/b.pyc", bytecode("3.11"), ARM, False),
        ("a/__pycache__/b.cpython-313.pyc", bytecode("3.14"), ARM, False),
        ("a/b.pyc", "", ARM, False),
        ("a/pure.py", "", ARM, True),
    ],
)
def test_a_package_is_for_the_runtime_and_its_processor(
    tmp_path: Path, binary: str, text: str, runtime: Runtime, fits: bool
) -> None:
    """By names, and by what a compiled library says itself: that of the stable ABI names no processor."""
    package = pack(tmp_path / "package.zip", **{ENTRY: bytecode("3.13"), binary: text})
    if fits:
        check_package(package, runtime)
    else:
        with pytest.raises(CommandFailed, match="made for another machine"):
            check_package(package, runtime)


def test_bytecode_is_made_by_a_python_of_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that is there but does not run, as pyenv's, is none."""
    assert find_python(own_runtime()) == sys.executable
    monkeypatch.setattr(shutil, "which", lambda _: "/bin/false")
    with pytest.raises(CommandFailed, match=r"uv python install 3\.99"):
        find_python(Runtime("python3.99", "arm64"))


def test_what_is_no_package_of_the_portal_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="not this portal's package"):
        check_package(pack(tmp_path / "other.zip", readme=""), ARM)
    (tmp_path / "text.zip").write_text("no zip")
    for name in ("text.zip", "none.zip"):
        with pytest.raises(CommandFailed, match="is no zip"):
            check_package(tmp_path / name, ARM)


def test_the_digest_is_of_files_and_settings_alone(tmp_path: Path) -> None:
    """Not of when and where a package was made."""
    first = digest_deployment(pack(tmp_path / "1.zip", **{ENTRY: "a", "package_info.json": "1"}), {"a": 1})
    again = digest_deployment(pack(tmp_path / "2.zip", **{"package_info.json": "2", ENTRY: "a"}), {"a": 1})
    assert first == again
    changed = pack(tmp_path / "3.zip", **{ENTRY: "b", "package_info.json": "1"})
    assert digest_deployment(changed, {"a": 1}) != first
    assert digest_deployment(tmp_path / "1.zip", {"a": 2}) != first


PROFILES = """
[profile one]
aws_access_key_id = ONE
aws_secret_access_key = one
[profile two]
aws_access_key_id = TWO
aws_secret_access_key = two
aws_session_token = token
"""


@pytest.mark.parametrize(
    ("written", "chosen", "with_keys", "key"),
    [
        ("one", "", False, "ONE"), ("one", "", True, "ONE"),
        ("one", "two", False, "TWO"), ("one", "two", True, "TWO"),
        ("", "two", False, "TWO"), ("", "two", True, "TWO"),
        ("", "", True, "OTHER"),
    ],
)  # fmt: skip
def test_zappa_acts_with_the_credentials_that_were_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, chosen: str, with_keys: bool, key: str
) -> None:
    """Of a profile and keys in the environment boto3 takes the profile, Zappa the keys."""
    (tmp_path / "config").write_text(PROFILES, encoding="utf-8")
    for name in function.CREDENTIALS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    if with_keys:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.setenv(name, "OTHER")
    if chosen:
        monkeypatch.setenv("AWS_PROFILE", chosen)
    stage, seen = Stage("pilot", {"project_name": "portal"}, region="eu-north-1", profile=written), {}

    def note(line: list[str], env: dict[str, str], **_: Any) -> SimpleNamespace:
        seen.update(env)
        return SimpleNamespace(returncode=0, stdout="", stderr="")

    monkeypatch.setattr(subprocess, "run", note)
    run_zappa(open_session(stage), "update", stage, {"a": 1}, None, tmp_path)
    assert seen["AWS_ACCESS_KEY_ID"] == key
    assert seen.get("AWS_SESSION_TOKEN") == {"ONE": None, "TWO": "token", "OTHER": "OTHER"}[key]
    assert seen["AWS_DEFAULT_REGION"] == "eu-north-1"
    assert "AWS_PROFILE" not in seen
    told = json.loads((tmp_path / "zappa_settings.pilot.json").read_text(encoding="utf-8"))["pilot"]
    assert told == {"a": 1} | ({"profile_name": chosen or written} if chosen or written else {})


def test_what_a_stage_no_longer_says_leaves_the_function(
    stack: Stack, embedded_aws: MiniStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zappa adds what the function has to what it is told, so a switch once on would stay on."""
    session, stage = embedded_aws.session(), Stage("worn", {"project_name": "variables"})
    functions = session.client("lambda")
    functions.create_function(
        FunctionName=stage.function, Runtime="python3.11", Role=stack.outputs["FunctionRoleArn"],
        Handler="app.handler", Code={"ZipFile": code_of("one")}, Tags={DEPLOYED: "before"},
        Environment={"Variables": {"PORTAL_SCAN_REQUIRED": "on", "PORTAL_TABLE": "old"}},
    )  # fmt: skip

    def running() -> dict[str, str]:
        found = functions.get_function_configuration(FunctionName=stage.function)
        return dict(found["Environment"]["Variables"])

    def update_as_zappa(_: Any, command: str, stage: Stage, told: dict[str, Any], *__: Any) -> None:
        assert command == "update"
        variables = running() | told["aws_environment_variables"]
        functions.update_function_configuration(
            FunctionName=stage.function, Environment={"Variables": variables}
        )
        functions.tag_resource(
            Resource=functions.get_function(FunctionName=stage.function)["Configuration"]["FunctionArn"],
            Tags=told["tags"],
        )

    monkeypatch.setattr(function, "run_zappa", update_as_zappa)
    monkeypatch.setattr(function, "exists_stack", lambda *_: True)
    settings = {"aws_environment_variables": {"PORTAL_TABLE": "new"}}
    package = pack(tmp_path / "package.zip", **{ENTRY: ""})
    assert bring_function(session, stage, settings, package, tmp_path)
    assert running() == {"PORTAL_TABLE": "new"}
    assert not bring_function(session, stage, settings, package, tmp_path)
    functions.update_function_configuration(
        FunctionName=stage.function, Environment={"Variables": {"PORTAL_TABLE": "new", "TYPED": "1"}}
    )
    assert bring_function(session, stage, settings, package, tmp_path)
    assert running() == {"PORTAL_TABLE": "new"}
    functions.delete_function(FunctionName=stage.function)
