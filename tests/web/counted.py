"""What the sealing worker adds to the counters, and what the schedule leaves, done in one go for tests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from portal.aws.client.calls import clients
from portal.aws.client.table import Table
from portal.aws.tables.usage_table import changes_as_writes
from portal.domain.audit.record import AuditRecord
from portal.domain.usage.folding import fold
from tests.builders import Running


def count_records(running: Running, records: Iterable[AuditRecord] | None = None, days: int = 1) -> None:
    """Count these records, or all there are; then keep the first of this day and of some before."""
    services, now = running.portal.services, running.clock()
    if records is None:
        records = services.audit.list_newest(now, None, 500).items
    table = Table(clients(running.config.region), running.config.table, running.clock)
    for write in changes_as_writes(fold(records)):
        table.write(write)
    for back in range(days):
        services.usage.keep_tops((now - timedelta(days=back)).date(), now)
