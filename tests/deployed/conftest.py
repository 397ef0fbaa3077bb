"""The Lambda's package, made once for all tests, as for production but for this machine."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from infrastructure.package import build
from infrastructure.runtime import own_runtime

STAGE = "development"
NOWHERE = "http://127.0.0.1:9"  # the discard port: whatever asks for the network is refused at once


@pytest.fixture(scope="session")
def build_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("build")


@pytest.fixture(scope="session")
def package(build_folder: Path) -> Path:
    """The zip, made by `zappa package` without a network."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            environment.setenv(name, NOWHERE)
        return build(build_folder / STAGE, own_runtime(), [])


@pytest.fixture(scope="session")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder
