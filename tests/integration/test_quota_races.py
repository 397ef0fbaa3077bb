"""Many announce at once, on a table that is atomic: nobody gets beyond a quota (R37)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from portal.bootstrap import build
from portal.config import Config
from portal.domain.quotas import OverQuota
from portal.local.session import LocalPortal
from portal.workflows.services import Services
from tests.builders import Clock, Running
from tests.doing import reserved, somebody
from tests.integration.test_races import at_once


@pytest.mark.parametrize(("whose", "most"), [("PERSON", 10**6), ("TOTAL", 10**10)])
def test_fifty_announcements_against_room_for_ten(
    local: LocalPortal, services: Services, clock: Clock, whose: str, most: int
) -> None:
    """R37: exactly ten are let in; what is in use is what they hold."""
    ana = somebody(f"Ana {whose} {clock.now.timestamp()}")
    first = services.quotas.allowance(ana.id)
    assert (first.files, first.bytes_left) == (0, None)
    portal = build(Config.from_env({**local.environment, f"PORTAL_MAX_{whose}_BYTES": str(most)}))
    free = portal.services.quotas.allowance(ana.id).bytes_left or 0
    size = free // 10 - 1
    here = Running(replace(portal, services=replace(portal.services, clock=clock)), clock)

    def announce() -> str:
        try:
            return reserved(here, ana, size=size).state
        except OverQuota:
            return "refused"

    assert Counter(at_once([announce] * 50)) == {"pending": 10, "refused": 40}
    after = here.portal.services.quotas.allowance(ana.id)
    assert (after.files, after.bytes, after.bytes_left) == (10, 10 * size, free - 10 * size)
