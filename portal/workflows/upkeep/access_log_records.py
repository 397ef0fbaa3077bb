"""Proof of delivery: what the bucket's access log says a recipient got becomes an audit record (R58, I7).

The log comes minutes to hours after the download, sometimes twice and in any order. It changes nothing but
the history, since a download was counted when it was allowed, and that the press of one whose bytes have all
gone out does not go on (R79).
"""

from __future__ import annotations

from collections.abc import Iterable

from portal.domain.audit.record import Action, Actor, AuditRecord
from portal.domain.files.file import SharedFile
from portal.domain.links.access_logs import Fetch, merge_fetches, parse_fetch
from portal.domain.shares.share import Recipient, Share
from portal.engine.services import Services


def take_log(name: str, lines: Iterable[str], bucket: str, services: Services) -> int:
    """Record what a log object tells; returns how many records it made or found made already."""
    found = merge_fetches(each for each in (parse_fetch(line, bucket) for line in lines) if each)
    recorded = sum(record_fetch(name, each, services) for each in found)
    services.usage.note_log(services.clock())
    return recorded


def record_fetch(name: str, fetch: Fetch, services: Services) -> bool:
    """Nothing is believed but what the table knows too: the share, its recipient, and the file in its
    version.
    """
    known = services.shares.get_with_recipient(fetch.share_id, fetch.recipient_id)
    if known is None:
        return False
    file = services.shared_files.find(known[0], fetch.key.rpartition("/")[2])
    if file is None or (file.key, file.version_id) != (fetch.key, fetch.version_id):
        return False
    record = make_record(name, fetch, *known, file)
    services.seals.note_late(services.clock(), record.at)
    if "broken" not in record.details or not services.downloads.record_broken(
        fetch.share_id, fetch.recipient_id, file.id, record
    ):
        services.audit.write(record)
    if "complete" in record.details:
        services.downloads.note_delivered(fetch.share_id, fetch.recipient_id, file.id, fetch.at)
    return True


def make_record(name: str, fetch: Fetch, share: Share, recipient: Recipient, file: SharedFile) -> AuditRecord:
    """At most one for a log and what it tells of, however often the log is announced."""
    shown = "/shown" if fetch.is_preview else ""
    return AuditRecord(
        at=fetch.at, action=Action.BYTES_SENT,
        actor=Actor("recipient", recipient.id, recipient.address, fetch.source, fetch.agent),
        about=fetch.share_id, workflow="take_log",
        once=f"{name}/{recipient.id}/{file.id}/{fetch.source}{shown}",
        details={
            "recipient": recipient.id, "to": recipient.address, "owner": share.owner_id,
            "file": file.id, "name": file.name,
            "bytes": str(fetch.bytes), "size": str(file.size), "times": str(fetch.times),
            **({"shown": "yes"} if fetch.is_preview else {}),
            **({"complete": "yes"} if fetch.is_complete(file.size) else {}),
            **({"broken": "yes"} if fetch.is_broken_off(file.size) else {}),
        },
    )  # fmt: skip
