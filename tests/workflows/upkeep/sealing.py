"""Writing audit records, sealing them, and looking at what came of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from portal.domain.audit.canonical import describe_record
from portal.domain.audit.chain import Chain, read_chain
from portal.domain.audit.marks import SHARDS
from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.audit.verification import find_tampering
from portal.domain.usage.figures import Figure
from portal.queries.admin.seals import list_seal_lines
from portal.workflows.upkeep.seal_log import seal_log
from tests.builders import Running

BEGAN = datetime(2026, 2, 6, 9, 0, tzinfo=UTC)
FIRST = date(2026, 2, 4)


def plenty() -> float:
    return 29.0


def write_records(portal: Running, at: datetime, many: int = 1, **fields: Any) -> None:
    """Records that are counted, so that one which is counted twice shows."""
    fields = {"action": Action.MAIL_SENT, "actor": PORTAL, "about": "share"} | fields
    for place in range(many):
        moment = at + timedelta(microseconds=place)
        portal.portal.services.audit.write(AuditRecord(at=moment, **fields))


def seal(portal: Running) -> None:
    seal_log(portal.portal.services, plenty)


def run_minutes(portal: Running, minutes: int) -> None:
    """The schedule, once a minute."""
    for _ in range(minutes):
        portal.clock.turn(minutes=1)
        seal(portal)


def read_log(portal: Running) -> list[AuditRecord]:
    """Everything in the log, in order."""
    read = portal.portal.services.audit.read_shard
    records = [
        each for day in list_days(portal) for shard in range(SHARDS) for each in read(day, shard, "", 5000)
    ]
    return sorted(records, key=lambda each: each.mark)


def list_days(portal: Running) -> list[date]:
    return [FIRST + timedelta(days=place) for place in range((portal.clock.now.date() - FIRST).days + 1)]


def read_seals(portal: Running) -> Chain:
    return read_chain(list_seal_lines(FIRST, portal.clock.now.date(), portal.portal.services))


def check_seals(portal: Running) -> Chain:
    """What holds at any time: whole chains, over records that are in the log as they were sealed, each once
    and counted once.
    """
    chain, log = read_seals(portal), read_log(portal)
    assert chain.findings == []
    by_mark = {each.mark: each for each in log}
    sealed = [by_mark[mark] for mark in chain.leaves]
    _, finding = find_tampering(lambda: map(describe_record, sealed), chain)
    assert finding is None
    assert count_mails(portal) == count_by_day(sealed)
    return chain


def list_unsealed(portal: Running) -> list[str]:
    chain = check_seals(portal)
    return [each.mark for each in read_log(portal) if each.mark not in chain.leaves]


def count_by_day(records: Sequence[AuditRecord]) -> Counter[date]:
    return Counter(each.at.date() for each in records if each.action is Action.MAIL_SENT)


def count_mails(portal: Running) -> Counter[date]:
    found = portal.portal.services.usage.read(list_days(portal)).days
    counted = {day: usage.counts.get(Figure.MAILS_SENT, 0) for day, usage in found.items()}
    return Counter({day: many for day, many in counted.items() if many})


def get_client(portal: Running, service: str) -> Any:
    services: Any = portal.portal.services
    return services.root_store.clients.get(service)


def read_roots(portal: Running) -> list[dict[str, Any]]:
    s3, bucket = get_client(portal, "s3"), portal.config.roots_bucket
    found = s3.list_objects_v2(Bucket=bucket, Prefix="audit-roots/").get("Contents", [])
    return [json.loads(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()) for each in found]
