"""Audit records: who tried what on which thing, and how it ended. Tags are a closed list, fields are fixed
(R65).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    SIGNED_IN = "person.signed_in"
    SIGNED_OUT = "person.signed_out"
    SIGNED_OUT_EVERYWHERE = "person.signed_out_everywhere"
    MAILS_SWITCHED = "person.mails_switched"
    ADDRESSES_FORGOTTEN = "person.addresses_forgotten"
    GROUP_MADE = "group.made"
    GROUP_CHANGED = "group.changed"
    GROUP_DELETED = "group.deleted"
    ORGANISATION_GROUP_MADE = "organisation_group.made"
    ORGANISATION_GROUP_CHANGED = "organisation_group.changed"
    ORGANISATION_GROUP_DELETED = "organisation_group.deleted"
    ADDRESS_TAKEN_OUT = "organisation_group.address_taken_out"
    ACCOUNT_CLOSED = "person.account_closed"
    ACCOUNT_REMOVED = "person.account_removed"
    SESSION_ENDED = "person.session_ended"
    TOKEN_MADE = "person.token_made"  # noqa: S105 -- the name of an action
    SERVICE_ACCOUNT_MADE = "person.service_account_made"
    TOKEN_REVOKED = "person.token_revoked"  # noqa: S105
    WEBHOOK_MADE = "webhook.made"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_DELETED = "webhook.deleted"
    WEBHOOK_SECRET_CHANGED = "webhook.secret_changed"  # noqa: S105 -- the name of an action
    WEBHOOK_TESTED = "webhook.tested"
    WEBHOOK_SENT_AGAIN = "webhook.sent_again"
    WEBHOOK_SWITCHED_OFF = "webhook.switched_off"
    PERSON_INVITED = "person.invited"
    INVITED_AGAIN = "person.invited_again"
    PASSWORD_RESET = "person.password_reset"  # noqa: S105 -- the name of an action
    DATA_EXPORTED = "person.data_exported"
    DATA_FETCHED = "person.data_fetched"
    SECOND_FACTOR_ADDED = "person.second_factor_added"
    SECOND_FACTOR_RESET = "person.second_factor_reset"
    PERSON_SIGNED_OUT = "person.signed_out_by_admin"
    PERSON_DISABLED = "person.disabled"
    PERSON_ENABLED = "person.enabled"
    PERSON_DELETED = "person.deleted"
    ROLES_CHANGED = "person.roles_changed"
    QUOTA_SET = "person.quota_set"
    UPLOAD_RESERVED = "file.upload_reserved"
    UPLOAD_BEGUN = "file.upload_begun"
    UPLOAD_COMPLETED = "file.upload_completed"
    UPLOAD_REJECTED = "file.upload_rejected"
    UPLOAD_CANCELLED = "file.upload_cancelled"
    FILE_DOWNLOADED = "file.downloaded"
    FILE_PREVIEWED = "file.previewed"
    FILE_RENAMED = "file.renamed"
    FILE_KEPT = "file.lifetime_changed"
    FILE_COPIED = "file.copied"
    FILE_TRASHED = "file.trashed"
    FILE_RESTORED = "file.restored"
    FILE_PURGED = "file.purged"
    THREAT_FOUND = "file.threat_found"
    FOUND_CLEAN = "file.found_clean"
    SCAN_UNSUPPORTED = "file.scan_unsupported"
    SCAN_FAILED = "file.scan_failed"
    SCAN_AGAIN = "file.scan_again"
    RELEASE_ASKED = "file.release_asked"
    RELEASE_DECLINED = "file.release_declined"
    FILE_RELEASED = "file.released"
    FILE_HANDED_OVER = "file.handed_over"
    SHARE_HANDED_OVER = "share.handed_over"
    HANDOVER_BEGUN = "person.handover_begun"
    HOLD_SET = "hold.set"
    HOLD_RELEASED = "hold.released"
    DRAFT_BEGUN = "draft.begun"
    DRAFT_THROWN_AWAY = "draft.thrown_away"
    SENDING_ASKED = "draft.sending_asked"
    SENDING_STOPPED = "draft.sending_stopped"
    DRAFT_RETURNED = "draft.returned"
    SHARED = "share.created"
    SHARE_CHANGED = "share.changed"
    SHARE_EXPIRED = "share.expired"
    SHARE_WITHDRAWN = "share.withdrawn"
    RECIPIENT_WITHDRAWN = "recipient.withdrawn"
    RECIPIENTS_ADDED = "recipient.added"
    ADDRESS_CORRECTED = "recipient.corrected"
    LINK_OPENED = "recipient.link_opened"
    CODE_SENT = "recipient.code_sent"
    ADDRESS_CONFIRMED = "recipient.confirmed"
    PASSWORD_ENTERED = "recipient.password_entered"  # noqa: S105 -- the name of an action
    SHARE_DOWNLOADED = "recipient.downloaded"
    BYTES_SENT = "recipient.bytes_sent"
    DOWNLOAD_GIVEN_BACK = "recipient.download_given_back"
    MAIL_AGAIN = "mail.again"
    MAIL_AFTER_ALL = "mail.after_all"
    MORE_ASKED = "recipient.asked_for_more"
    MORE_GIVEN = "recipient.given_more"
    MORE_DECLINED = "recipient.declined_more"
    MAIL_SENT = "mail.sent"
    MAIL_PROBABLY_SENT = "mail.probably_sent"
    MAIL_FAILED = "mail.failed"
    FAILED_MAILS_AGAIN = "mail.failed_again"
    MAIL_DELIVERED = "mail.delivered"
    MAIL_BOUNCED = "mail.bounced"
    MAIL_COMPLAINED = "mail.complained"
    MAIL_HELD = "mail.held_back"
    ADDRESS_RELEASED = "mail.address_released"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_EXPORT_FETCHED = "audit.export_fetched"
    REPORT_ASKED = "report.asked"
    REPORT_CANCELLED = "report.cancelled"
    REPORT_ENDED = "report.ended"
    REPORT_FETCHED = "report.fetched"
    POLICY_CHANGED = "policy.changed"
    POLICY_RESTORED = "policy.restored"


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"  # done, and a step that should have told of it failed


@dataclass(frozen=True)
class Actor:
    """Who acts: a person, a recipient of a share, a visitor not known yet, or the portal itself; and from
    where.
    """

    kind: str  # "person" | "recipient" | "visitor" | "portal"
    id: str
    name: str = ""
    source_ip: str = ""
    device: str = ""


PORTAL = Actor("portal", "portal")


@dataclass(frozen=True)
class Trust:
    """What let someone in who acts as a person: a session, looked at `since` then, or a key given out then.
    It counts until the person signs out everywhere, or closes the account (R10).
    """

    person_id: str
    since: datetime


@dataclass(frozen=True)
class AuditRecord:
    """One record. `about` names the thing it is filed under: a file id, a share id or a person id.

    workflow, stage, step: where a refusal was said or a step failed; reason: its stable word; details: names
    and numbers for people. once: a name that makes the record be written at most once, however often the same
    thing is reported (I7). trust: what let the actor in, which must still count when it is done. mark: its
    place in the log, once it is there.
    """

    at: datetime
    action: Action
    actor: Actor
    about: str
    outcome: Outcome = Outcome.DONE
    workflow: str = ""
    stage: str = ""
    step: str = ""
    reason: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    request_id: str = ""
    once: str = ""
    trust: Trust | None = None
    mark: str = ""


def newest_first(records: Iterable[AuditRecord]) -> list[AuditRecord]:
    """In the order things happened. The bucket's log knows whole seconds, so what it tells of a second comes
    after the press of that second, which it follows from.
    """
    return sorted(records, key=place_in_time, reverse=True)


def place_in_time(record: AuditRecord) -> tuple[datetime, bool]:
    """The last moment at which it may have happened, and whether it comes behind others of that moment."""
    by_second = record.action is Action.BYTES_SENT
    return (record.at.replace(microsecond=999_999) if by_second else record.at), by_second
