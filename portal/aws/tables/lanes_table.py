"""Who is at which lane of the schedule's work, and which lanes are planned: an item for each lane.

Both end by themselves: a message can be lost, and a worker can die.
"""

from __future__ import annotations

from datetime import datetime

from portal.aws.client.table import Table
from portal.aws.client.usage_keys import lane_key
from portal.aws.client.writes import update

LEASE_SECONDS = 45  # longer than a call of the function
PLANNED_SECONDS = 150  # after so long a message is taken for lost, and the lane is planned anew
IS_FREE = "attribute_not_exists(#leased_until) OR #leased_until <= :now"


class Lanes:
    def __init__(self, table: Table) -> None:
        self.table = table

    def plan(self, lane: str, now: datetime) -> bool:
        at = int(now.timestamp())
        is_unplanned = "attribute_not_exists(#planned_until) OR #planned_until <= :now"
        return self.table.try_write(update(
            lane_key(lane), "SET #planned_until = :until", f"({is_unplanned}) AND ({IS_FREE})",
            now=at, until=at + PLANNED_SECONDS,
        ))  # fmt: skip

    def begin(self, lane: str, worker: str, now: datetime) -> bool:
        at = int(now.timestamp())
        return self.table.try_write(update(
            lane_key(lane), "SET #leased_until = :until, #worker = :worker REMOVE #planned_until", IS_FREE,
            now=at, until=at + LEASE_SECONDS, worker=worker,
        ))  # fmt: skip

    def end(self, lane: str, worker: str) -> None:
        self.table.try_write(update(
            lane_key(lane), "REMOVE #leased_until, #worker", "#worker = :worker", worker=worker
        ))  # fmt: skip
