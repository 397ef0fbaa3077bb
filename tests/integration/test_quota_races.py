"""Many announce at once, on a table that is atomic: nobody gets beyond a quota."""

from __future__ import annotations

from collections import Counter

import pytest

from portal.bootstrap import build
from portal.config.settings import Config
from portal.domain.policy.quotas import OverQuota
from portal.engine.services import Services
from portal.local.session import LocalPortal
from tests.actions import make_person, reserve_file
from tests.builders import Running, TrueClock
from tests.integration.test_races import run_at_once

pytestmark = pytest.mark.requirement("R37")


@pytest.mark.parametrize(("whose", "most"), [("PERSON", 10**6), ("TOTAL", 10**13)])
def test_fifty_announcements_against_room_for_ten(
    local: LocalPortal, services: Services, whose: str, most: int
) -> None:
    """Exactly ten are let in; what is in use is what they hold."""
    clock = TrueClock()
    ana = make_person(f"Ana {whose} {clock.now.timestamp()}")
    first = services.quotas.get_allowance(ana.id, services.limits)
    assert (first.files, first.bytes_left) == (0, None)
    portal = build(Config.from_env({**local.environment, f"PORTAL_MAX_{whose}_BYTES": str(most)}), clock)
    free = portal.services.quotas.get_allowance(ana.id, portal.services.limits).bytes_left or 0
    size = free // 10 - 1
    here = Running(portal, clock)

    def announce() -> str:
        try:
            return reserve_file(here, ana, size=size).state
        except OverQuota:
            return "refused"

    assert Counter(run_at_once([announce] * 50)) == {"pending": 10, "refused": 40}
    after = here.portal.services.quotas.get_allowance(ana.id, here.portal.services.limits)
    assert (after.files, after.bytes, after.bytes_left) == (10, 10 * size, free - 10 * size)
