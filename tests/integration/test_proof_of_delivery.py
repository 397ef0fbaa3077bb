"""From a press of Download to "all of it was fetched": bucket, log, queue and table as they are wired."""

from __future__ import annotations

import time

import pytest
import requests

from portal.domain.audit.record import Action, AuditRecord
from portal.domain.files.file import File
from tests.actions import download_file, link_token, share_files
from tests.builders import Running
from tests.integration.test_change_races import ANA, file, running

__all__ = ["file", "running"]  # fixtures
SECONDS = 60


def wait_for_records(running: Running, share_id: str) -> list[AuditRecord]:
    """What the access log told of a share, once it has told something."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        records = running.portal.services.audit.list_about(share_id, None, 50).items
        if found := [each for each in records if each.action is Action.BYTES_SENT]:
            return found
        time.sleep(0.2)
    raise AssertionError("the access log told nothing")


@pytest.mark.requirement("R40", "R58")
def test_what_was_fetched_stands_in_the_history(running: Running, file: File) -> None:
    """The template's logging, its notification and the role's right to read, together."""
    made = share_files(running, ANA, [file])
    address = download_file(running, link_token(running, made), file)
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}
    assert len(requests.get(address, headers=agent, timeout=10).content) == file.size
    (one,) = wait_for_records(running, made.about)
    assert (one.details["bytes"], one.details["complete"]) == (str(file.size), "yes")
    assert (one.actor.name, one.actor.device) == ("partner@example.com", agent["User-Agent"])
