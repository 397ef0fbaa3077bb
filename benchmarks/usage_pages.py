"""What the administrators' pages of figures cost where little and where much is counted.

    python -m benchmarks.usage_pages

Calls, items and bytes that DynamoDB hands over for each page, on embedded AWS, at two sizes: so many people,
recipients' domains and files with traffic on each of 90 days. Neither may grow with the size.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from portal.aws.client import calls
from portal.aws.client.table import Table
from portal.aws.tables.usage_table import changes_as_writes
from portal.bootstrap import Portal, build
from portal.config.settings import Config
from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.clock import SystemClock
from portal.domain.usage.attention import ServiceState
from portal.domain.usage.figures import DayUsage, Figure, Kind, Subject, SubjectUsage, UsageChanges, place_of
from portal.domain.usage.periods import latest
from portal.engine.services import Services
from portal.local.session import local_portal
from portal.queries.admin.emails import get_emails
from portal.queries.admin.overview import get_overview
from portal.queries.admin.usage import get_usage

DAYS = 90
LOGGED = 40  # records, more than the overview lists
SIZES = (2, 30)


@dataclass
class Cost:
    calls: int = 0
    items: int = 0
    bytes: int = 0

    def add(self, answer: Any) -> None:
        found = [
            *answer.get("Items", ()),
            *(each for some in answer.get("Responses", {}).values() for each in some),
        ]
        self.calls += 1
        self.items += len(found)
        self.bytes += len(json.dumps(found, default=str))


def fill(portal: Portal, table: Table, size: int) -> None:
    services, now = portal.services, portal.services.clock()
    for back in range(2 * DAYS):
        day = now.date() - timedelta(days=back)
        for write in changes_as_writes(draw_day(day, size if back < DAYS else 0)):
            table.write(write)
        if back < DAYS:
            services.usage.keep_tops(day, now)
    services.usage.keep_state(ServiceState(now))
    for place in range(LOGGED):
        services.audit.write(AuditRecord(now - timedelta(seconds=place), Action.SIGNED_IN, PORTAL, "portal"))


def draw_day(day: date, size: int) -> UsageChanges:
    counts = {figure: size + place for place, figure in enumerate(Figure)}
    active = frozenset(place_of(f"person {each}") for each in range(size))
    subjects = {
        Subject(day, kind, f"{kind} {each}"): SubjectUsage(
            {Figure.BYTES_DELIVERED: (each * 7919 + day.day) % 10_007, Figure.DOWNLOADS: each},
            f"file {each}.pdf",
        )
        for kind in Kind
        for each in range(size)
    }
    return UsageChanges({day: DayUsage(counts, active)}, subjects)


@contextmanager
def measure(table: Table) -> Iterator[Cost]:
    cost, events = Cost(), table.clients.get("dynamodb").meta.events
    note = lambda parsed, **_: cost.add(parsed)  # noqa: E731
    events.register("after-call.dynamodb", note, unique_id="cost")
    yield cost
    events.unregister("after-call.dynamodb", unique_id="cost")


def list_pages(services: Services) -> dict[str, Callable[[], object]]:
    now = services.clock()
    week, quarter = latest(7, now.date()), latest(DAYS, now.date())
    return {
        "/admin": lambda: get_overview(week, now, services),
        "/admin?days=90": lambda: get_overview(quarter, now, services),
        "/admin/usage": lambda: get_usage(week, services),
        "/admin/usage?days=90": lambda: get_usage(quarter, services),
        "/admin/emails": lambda: get_emails(now, services),
    }


def run_size(size: int) -> None:
    with tempfile.TemporaryDirectory() as folder, local_portal(Path(folder)) as local:
        kept = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        os.environ.update(local.environment)
        calls.forget()
        portal = build(Config.from_env(local.environment))
        config = portal.config
        table = Table(calls.clients(config.region, config.s3_endpoint_url), config.table, SystemClock())
        fill(portal, table, size)
        for page, ask in list_pages(portal.services).items():
            with measure(table) as cost:
                ask()
            print(f"{page:<24}{size:>8}{cost.calls:>8}{cost.items:>8}{cost.bytes / 1000:>10.1f}", flush=True)
        for name in local.environment:
            os.environ.pop(name, None)
        os.environ.update(kept)
        calls.forget()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    asked = parser.parse_args()
    print(f"{'page':<24}{'a day':>8}{'calls':>8}{'items':>8}{'kB read':>10}")
    for size in asked.sizes:
        run_size(size)


if __name__ == "__main__":
    main()
