"""The version: it stands in pyproject.toml alone, and what tells people about it agrees."""

from __future__ import annotations

import re
import tomllib

from tests.builders import Clock, make_running
from tests.web.browser import Browser
from tools.list_tests import CHECKOUT

VERSION = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def test_healthz_says_which_version_answers(aws: None, clock: Clock) -> None:
    """Whoever deploys sees whether the new one is there."""
    answer = Browser(make_running(clock)).get("/healthz").answer
    assert answer.json == {"status": "ok", "version": VERSION}


def test_the_changelog_begins_with_this_version() -> None:
    """What people notice moves the version, and the newest entry says what it was."""
    entries = re.findall(r"^## (\S+)", (CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert entries[0] == VERSION
