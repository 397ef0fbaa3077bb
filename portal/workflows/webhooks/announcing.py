"""From audit records to what webhooks are told: each record that somebody listens to becomes a delivery for
each webhook that does.

The log is the outbox: a record is written in the transaction of what it records, so nothing is told that did
not happen, nothing that happened is forgotten, and nobody's request does more than before. Telling twice is
telling once, since a delivery's id comes from the record's mark.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from portal.domain.audit.marks import SHARDS
from portal.domain.audit.record import Action, AuditRecord
from portal.domain.audit.seals import SETTLING, mark_at
from portal.domain.files.file import SharedFile
from portal.domain.shares.share import Share
from portal.domain.webhooks.deliveries import Delivery, Event, draft_delivery, make_event_id, write_time
from portal.domain.webhooks.event_types import EventType, find_type
from portal.domain.webhooks.webhook import Webhook
from portal.engine.budgets import MIN_REMAINING_SECONDS, SecondsLeft, iterate_in_time
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures

OF_FILES = {EventType.FILE_UPLOADED, EventType.SCAN_THREAT}
READ_AT_ONCE = 500
AT_ONCE = 50  # records, of each of which a share or a file may have to be read
# What became of an email that did not arrive, as `mail.bounced` says it.
OUTCOMES = {Action.MAIL_BOUNCED: "bounced", Action.MAIL_FAILED: "failed", Action.MAIL_HELD: "held_back",
            Action.MAIL_COMPLAINED: "complained"}  # fmt: skip


class Announcer:
    """Of one round of the schedule. Reads webhooks once, and nothing at all where nothing is to be told."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.shares = dict[str, Share | None]()

    @cached_property
    def webhooks(self) -> list[Webhook]:
        return [each for each in self.services.webhooks.list_all() if each.is_on]

    def announce(self, records: Iterable[AuditRecord]) -> int:
        """Queue what these records tell; returns how many deliveries are new. A record that cannot be told
        keeps no other back.
        """
        found = list[Delivery]()
        for record in records:
            kind = find_type(record)
            if kind and self.may_concern(record, kind):
                with isolate_failures("record for webhooks"):
                    found += self.draft(record, kind)
        return self.services.deliveries.add_missing(found) if found else 0

    def may_concern(self, record: AuditRecord, kind: EventType) -> bool:
        """Whether somebody may listen, as far as the record by itself tells whose it is: most are of people
        without webhooks, and need not be looked up.
        """
        person_id = record.actor.id if record.actor.kind == "person" else ""
        owner_id = record.details.get("owner", person_id)
        return any(
            kind in each.events and (not owner_id or each.is_told_of(kind, owner_id, record.at))
            for each in self.webhooks
        )

    def draft(self, record: AuditRecord, kind: EventType) -> list[Delivery]:
        event, now = self.describe(record, kind), self.services.clock()
        if event is None:
            return []
        told = [each for each in self.webhooks if each.is_told_of(kind, event.owner_id, record.at)]
        return [draft_delivery(event, each, now) for each in told]

    def describe(self, record: AuditRecord, kind: EventType) -> Event | None:
        """None for what is about nothing of somebody's any more, as an email about no share."""
        found = self.describe_file(record) if kind in OF_FILES else self.describe_share(record, kind)
        if found is None:
            return None
        owner_id, data = found
        return Event(make_event_id(record.mark), kind, record.at, owner_id, data)

    def describe_file(self, record: AuditRecord) -> tuple[str, dict[str, Any]] | None:
        file = self.services.files.find(record.about)
        if file is None:
            return None
        data: dict[str, Any] = {
            "file_id": file.id, "file_name": file.name, "folder": file.folder, "size": file.size,
            "owner_id": file.owner_id,
        }  # fmt: skip
        if threats := record.details.get("threats"):
            data["threats"] = [each.strip() for each in threats.split(",")]
        return file.owner_id, data

    def describe_share(self, record: AuditRecord, kind: EventType) -> tuple[str, dict[str, Any]] | None:
        share = self.find_share(record.about)
        if share is None:
            return None
        data: dict[str, Any] = {"share_id": share.id, "owner_id": share.owner_id}
        if recipient_id := record.details.get("recipient"):
            data["recipient"] = {"recipient_id": recipient_id, "address": record.details.get("to", "")}
        if kind in {EventType.SHARE_CREATED, EventType.SHARE_EXPIRED}:
            data |= describe_whole_share(share)
        if kind in {EventType.DOWNLOAD_STARTED, EventType.DOWNLOAD_COMPLETED}:
            file = self.services.shared_files.find(share, record.details["file"])
            if file is None:
                return None  # deleted for good since then
            data["file"] = describe_shared_file(file)
        if kind is EventType.MAIL_BOUNCED and "recipient" not in data:
            return None  # an email to the owner
        if kind is EventType.MAIL_BOUNCED:
            data |= {"outcome": OUTCOMES[record.action], "reason": record.details.get("problem", "")}
        return share.owner_id, data

    def find_share(self, share_id: str) -> Share | None:
        if share_id not in self.shares:
            self.shares[share_id] = self.services.shares.get(share_id)
        return self.shares[share_id]


def describe_whole_share(share: Share) -> dict[str, Any]:
    return {
        "files": [describe_shared_file(each) for each in share.first_files],
        "file_count": share.file_count,
        "recipients": list(share.addresses),
        "expires_at": write_time(share.expires_at),
        "download_limit": share.download_limit,
    }


def describe_shared_file(file: SharedFile) -> dict[str, Any]:
    return {"file_id": file.id, "file_name": file.name, "size": file.size}


def announce_recent(services: Services, seconds_left: SecondsLeft) -> int:
    """What happened in the last minutes, which is not settled yet: so it is told within a minute. What is
    written late is told when it is sealed.
    """
    now, announcer = services.clock(), Announcer(services)
    if not announcer.webhooks:
        return 0
    after, found = mark_at(now - SETTLING - timedelta(minutes=1)), list[AuditRecord]()
    for shard in range(SHARDS):
        if seconds_left() < MIN_REMAINING_SECONDS:
            break
        day = date.fromisoformat(mark_at(now)[:10])
        found += services.audit.read_shard(day, shard, after, READ_AT_ONCE)
    pieces = (found[first : first + AT_ONCE] for first in range(0, len(found), AT_ONCE))
    return sum(announcer.announce(each) for each in iterate_in_time(pieces, seconds_left))
