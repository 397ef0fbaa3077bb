"""Malware was found in a file: closed for everyone at once, its owner told, on record (R36).

The mark names the version it was found in and is never taken back: the same result twice, one that comes
before the upload was taken in, and a clean one that comes late leave the file closed.
"""

from __future__ import annotations

import logging

from portal.domain.audit.record import PORTAL, Action, AuditRecord
from portal.domain.files.file import ANY_VERSION, File
from portal.domain.ids import derive_id
from portal.domain.mail.email_message import plain_line
from portal.domain.mail.mail_job import MailJob
from portal.domain.mail.notifications import Notification, NotificationKind
from portal.engine.services import Services

log = logging.getLogger(__name__)
NAMES, NAME_CHARACTERS = 5, 100  # of threats; a scanner's words


def close_infected(key: str, version_id: str, threats: list[str], services: Services) -> bool:
    """Close the file of an object. False where no file has this key, or it was closed for this before."""
    file = services.files.find_by_key(key)
    if file is None:
        return False
    version = version_id or ANY_VERSION
    found = ", ".join(plain_line(each)[:NAME_CHARACTERS] for each in threats[:NAMES])
    record = AuditRecord(
        at=services.clock(), action=Action.THREAT_FOUND, actor=PORTAL, about=file.id,
        workflow="close_infected", details={"name": file.name, **({"threats": found} if found else {})},
    )  # fmt: skip
    return services.file_access.close_infected(
        file, version, record, draft_notification(file, version, found, services)
    )


def draft_notification(file: File, version: str, threats: str, services: Services) -> Notification | None:
    """To its owner, by the address known of them; none where another version is served than this one."""
    if file.version_id and version not in {ANY_VERSION, file.version_id}:
        return None
    owner, now = services.people.get(file.owner_id), services.clock()
    if owner is None:
        log.warning("the owner of an infected file is not known", extra={"file": file.id})
        return None
    return Notification(
        id=derive_id(NotificationKind.THREAT, file.id, version),
        kind=NotificationKind.THREAT,
        to=owner.address,
        share_id="",
        person_id=owner.id,
        created_at=now,
        mail=MailJob(due_at=now, changed_at=now),
        values={"file": file.id, "name": file.name, "threats": threats},
    )
