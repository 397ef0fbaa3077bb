"""Embedded AWS for the tests of the local room: one for all of them, with a folder that pytest removes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from portal.local.ministack import MiniStack


@pytest.fixture(scope="package")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    with MiniStack(tmp_path_factory.mktemp("aws")) as running:
        yield running
