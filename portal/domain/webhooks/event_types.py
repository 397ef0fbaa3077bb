"""What webhooks tell of, by the names that other systems see, and which audit records these come from."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portal.domain.audit.record import Action, AuditRecord, Outcome


class EventType(StrEnum):
    """Names beginning with `request.` are kept for what partners will be asked for."""

    FILE_UPLOADED = "file.uploaded"
    SHARE_CREATED = "share.created"
    LINK_OPENED = "link.opened"
    DOWNLOAD_STARTED = "download.started"
    DOWNLOAD_COMPLETED = "download.completed"
    MAIL_BOUNCED = "mail.bounced"
    SHARE_EXPIRED = "share.expired"
    SCAN_THREAT = "scan.threat"
    TEST = "webhook.test"  # what the button sends; nobody chooses it


CHOSEN = tuple(each for each in EventType if each is not EventType.TEST)
OF_ACTION: Mapping[Action, EventType] = {
    Action.UPLOAD_COMPLETED: EventType.FILE_UPLOADED,
    Action.SHARED: EventType.SHARE_CREATED,
    Action.LINK_OPENED: EventType.LINK_OPENED,
    Action.SHARE_DOWNLOADED: EventType.DOWNLOAD_STARTED,
    Action.BYTES_SENT: EventType.DOWNLOAD_COMPLETED,
    Action.MAIL_BOUNCED: EventType.MAIL_BOUNCED,
    Action.MAIL_FAILED: EventType.MAIL_BOUNCED,
    Action.MAIL_HELD: EventType.MAIL_BOUNCED,
    Action.MAIL_COMPLAINED: EventType.MAIL_BOUNCED,
    Action.SHARE_EXPIRED: EventType.SHARE_EXPIRED,
    Action.THREAT_FOUND: EventType.SCAN_THREAT,
}


def find_type(record: AuditRecord) -> EventType | None:
    """What a record is told as; None where nobody is told of it: of what was refused, of a look at a file
    that is not saved, of a download as long as bytes are missing.
    """
    found = OF_ACTION.get(record.action)
    if found is None or record.outcome is not Outcome.DONE:
        return None
    details = record.details
    if found is EventType.DOWNLOAD_STARTED and details.get("how"):
        return None
    if found is EventType.DOWNLOAD_COMPLETED and ("complete" not in details or "shown" in details):
        return None
    return found
