"""The short lists of who and what had most: of today every five minutes, of the days before every hour, as
S3's logs come hours after what they tell.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from portal.engine.budgets import iterate_in_time
from portal.engine.services import Services

EVERY_MINUTES = 5
HOURLY_AT = 10  # minutes past
DAYS_BACK = 3


def keep_tops(services: Services, seconds_left: Callable[[], float]) -> None:
    now = services.clock()
    if now.minute % EVERY_MINUTES:
        return
    for back in iterate_in_time(range(DAYS_BACK + 1 if now.minute == HOURLY_AT else 1), seconds_left):
        services.usage.keep_tops((now - timedelta(days=back)).date(), now)
