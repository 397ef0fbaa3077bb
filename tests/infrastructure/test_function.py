"""What is handed to Zappa: a package for the runtime, and a digest that tells whether anything is new."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from infrastructure.failures import CommandFailed
from infrastructure.function import ENTRY, check_package, digest_deployment

HERE = f"cpython-{sys.version_info.major}{sys.version_info.minor}"
OTHER = "cpython-39"


def pack(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize(
    ("binary", "architecture", "fits"),
    [
        (f"a/b.{HERE}-aarch64-linux-gnu.so", "arm64", True),
        (f"a/b.{HERE}-x86_64-linux-gnu.so", "x86_64", True),
        (f"a/b.{HERE}-x86_64-linux-gnu.so", "arm64", False),
        (f"a/b.{OTHER}-aarch64-linux-gnu.so", "arm64", False),
        ("a/b.abi3.so", "arm64", True),
        ("a/pure.py", "arm64", True),
    ],
)
def test_a_package_is_for_the_runtime_and_its_processor(
    tmp_path: Path, binary: str, architecture: str, fits: bool
) -> None:
    package = pack(tmp_path / "package.zip", **{ENTRY: "", binary: ""})
    if fits:
        check_package(package, architecture)
    else:
        with pytest.raises(CommandFailed, match="made for another machine"):
            check_package(package, architecture)


def test_what_is_no_package_of_the_portal_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="not this portal's package"):
        check_package(pack(tmp_path / "other.zip", readme=""), "arm64")
    (tmp_path / "text.zip").write_text("no zip")
    for name in ("text.zip", "none.zip"):
        with pytest.raises(CommandFailed, match="is no zip"):
            check_package(tmp_path / name, "arm64")


def test_the_digest_is_of_files_and_settings_alone(tmp_path: Path) -> None:
    """Not of when and where a package was made."""
    first = digest_deployment(pack(tmp_path / "1.zip", **{ENTRY: "a", "package_info.json": "1"}), {"a": 1})
    again = digest_deployment(pack(tmp_path / "2.zip", **{"package_info.json": "2", ENTRY: "a"}), {"a": 1})
    assert first == again
    changed = pack(tmp_path / "3.zip", **{ENTRY: "b", "package_info.json": "1"})
    assert digest_deployment(changed, {"a": 1}) != first
    assert digest_deployment(tmp_path / "1.zip", {"a": 2}) != first
