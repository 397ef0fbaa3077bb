"""From a press of Download to "all of it was fetched": bucket, log, queue and table as they are wired."""

from __future__ import annotations

import time

import requests

from portal.domain.audit import Action, AuditRecord
from portal.domain.files import File
from tests.builders import Running
from tests.doing import downloaded, shared, token_of
from tests.integration.test_change_races import ANA, file, running

__all__ = ["file", "running"]  # fixtures
SECONDS = 60


def told(running: Running, share_id: str) -> list[AuditRecord]:
    """What the access log told of a share, once it has told something."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        records = running.portal.services.audit.about(share_id, None, 50).items
        if found := [each for each in records if each.action is Action.BYTES_SENT]:
            return found
        time.sleep(0.2)
    raise AssertionError("the access log told nothing")


def test_what_was_fetched_stands_in_the_history(running: Running, file: File) -> None:
    """The template's logging, its notification and the role's right to read, together (R40, R58)."""
    made = shared(running, ANA, [file])
    address = downloaded(running, token_of(running, made), file)
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}
    assert len(requests.get(address, headers=agent, timeout=10).content) == file.size
    (one,) = told(running, made.about)
    assert (one.details["bytes"], one.details["whole"]) == (str(file.size), "yes")
    assert (one.actor.name, one.actor.device) == ("partner@example.com", agent["User-Agent"])
