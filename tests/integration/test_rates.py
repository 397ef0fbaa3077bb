"""Three hundred at once, on a table that is atomic: exactly as many pass as may."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from portal.domain.errors import Refusal
from portal.domain.ids import make_sortable_id
from portal.domain.policy.limits import Rate, Rates
from portal.engine.rates import count_within
from portal.engine.services import Services
from portal.engine.workflow import run
from portal.local.session import local_portal
from portal.workflows.shares import sharing
from portal.workflows.shares.sharing import ShareFiles
from tests.actions import make_person, make_request, share_files, upload_file
from tests.builders import Running
from tests.integration.test_change_races import running

pytestmark = pytest.mark.requirement("R46")

__all__ = ["running"]  # a fixture


@pytest.mark.parametrize(("each", "together"), [(17, 0), (300, 23), (29, 29)])
def test_exactly_the_limit_passes(services: Services, each: int, together: int) -> None:
    rate, now = Rate(f"test {make_sortable_id(datetime.now(UTC))}", each, together, 3600), datetime.now(UTC)

    def press(_: int) -> str:
        try:
            count_within(rate, "198.51.100.9", now, services)
        except Refusal as refusal:
            return "wait" if refusal.status == 429 and refusal.retry_after_seconds else refusal.reason
        return "through"

    with ThreadPoolExecutor(50) as pool:
        most = min(each, together or each)
        assert Counter(pool.map(press, range(300))) == {"through": most, "wait": 300 - most}


@pytest.mark.requirement("R45")
def test_three_hundred_guesses_at_the_front_door(tmp_path: Path) -> None:
    """The limit of a source as it stands, in a portal of its own: all tests come from one."""
    rate = Rates().guesses

    def window() -> int:
        return int(time.time()) // rate.seconds

    with local_portal(tmp_path) as local, ThreadPoolExecutor(30) as pool:
        began = window()
        links = [f"{local.url}/d/{place:095}" for place in range(330)]
        came_to = Counter(pool.map(lambda link: requests.get(link, timeout=60).status_code, links))
        turned = window() - began
    assert sum(came_to.values()) == 330
    assert came_to[404] == rate.each or turned, came_to
    assert set(came_to) <= {404, 429}


@pytest.mark.requirement("R57")
def test_the_mails_of_a_day_are_counted_once_each(running: Running) -> None:
    """Of ten shares at once with two recipients each, as many pass as there are emails for."""
    ana = make_person(f"Ana {make_sortable_id(datetime.now(UTC))}")
    file = upload_file(running, ana)
    services = running.portal.services
    services = replace(services, limits=replace(services.limits, max_mails_a_day=7))

    def send(place: int) -> str:
        asked = ShareFiles(
            make_request(ana, running), submission_id=make_sortable_id(datetime.now(UTC)), file_ids=[file.id],
            recipients_text=f"a{place}@example.com, b{place}@example.com", message="", expires_on=None,
            download_limit=None,
        )  # fmt: skip
        try:
            run(sharing.SHARE, asked, services)
        except Refusal as refusal:
            return refusal.reason
        return "sent"

    with ThreadPoolExecutor(10) as pool:
        assert Counter(pool.map(send, range(10))) == {"sent": 3, "mails_used_up": 7}
    assert services.mail_counts.count_today(ana.id, running.clock()) == 6
    share_files(replace(running, portal=replace(running.portal, services=services)), ana, [file])
