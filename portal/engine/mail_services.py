"""What workflows are handed for email: its outbox, what is asked by email, who writes it and who takes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from portal.domain.audit.record import AuditRecord
from portal.domain.files.file import File
from portal.domain.mail.account_problems import MailTrouble, TroubleMet
from portal.domain.mail.email_message import OutgoingMail
from portal.domain.mail.mail_job import MailJob
from portal.domain.mail.notifications import MailPlace, Notification
from portal.domain.mail.sending_pace import SendingQuota
from portal.domain.mail.suppression import SuppressedAddress
from portal.domain.paging import Page
from portal.domain.shares.digests import DigestEntry, EndingEntry
from portal.domain.shares.share import AccessRequest, Recipient, RequestResult, Share


class Outbox(Protocol):
    def list_due(self, now: datetime, limit: int) -> list[MailPlace]:
        """Where the emails stand that are to be sent now, oldest first."""

    def list_all_due(self, now: datetime, rows: int) -> Iterator[MailPlace]:
        """All of them, each once whatever becomes of it; so many read at a time."""

    def get_notification(self, notice_id: str) -> Notification | None: ...
    def queue(self, notice: Notification) -> bool:
        """Add an email by itself; False where it is there already."""

    def list_waiting(self, person_id: str, limit: int) -> list[Notification]:
        """What someone is to be told of by and by, oldest first."""

    def put_off(self, what: Recipient | Notification, until: datetime, problem: str = "") -> None:
        """Leave an email for later, unless someone else has it by now. problem: what it waits for."""

    def take_turn(self, person_id: str, now: datetime, gap: timedelta) -> datetime | None:
        """Take the turn to tell someone something; else when the last turn was, less than the gap ago."""

    def claim(self, what: Recipient | Notification, now: datetime, lease_seconds: int) -> bool:
        """Take an email for sending; False where someone else has it or it is not to be sent (R53)."""

    def settle(
        self,
        what: Recipient | Notification,
        job: MailJob,
        record: AuditRecord | None,
        notices: Sequence[Notification] = (),
        held: SuppressedAddress | None = None,
        claimed: int = 0,
    ) -> bool:
        """What became of an email, and the emails that this causes; held: the address is held back from now;
        claimed: the tries that its claim counted, where the job itself counts fewer.
        """

    def list_all_failed(self) -> Iterator[tuple[MailPlace, str]]:
        """Every email that failed, longest first, and the id of its share's owner where its job says it."""

    def queue_again(self, what: Recipient | Notification, now: datetime, record: AuditRecord) -> bool:
        """Queue one that failed as if it was new; False where it is not as it was read."""

    def find_by_message(self, message_id: str) -> list[MailPlace]:
        """Where the jobs stand of the email that the mail service tells something of (R55)."""


class AccessRequests(Protocol):
    """Recipients' requests for more, each in one transaction with the email that tells of it."""

    def request(
        self,
        recipient: Recipient,
        asking: AccessRequest,
        earlier: datetime,
        most: int,
        notice: Notification,
        record: AuditRecord,
    ) -> RequestResult:
        """REQUESTED_LATELY: since `earlier`; TOO_MANY_WAIT: `most` of the share's wait for an answer."""

    def approve(
        self,
        share: Share,
        recipients: Sequence[Recipient],
        answered: Recipient,
        until: datetime | None,
        files: Sequence[File],
        notice: Notification,
        record: AuditRecord,
    ) -> bool: ...
    def decline(
        self, share: Share, answered: Recipient, notice: Notification, record: AuditRecord
    ) -> bool: ...


class MailTroubles(Protocol):
    """What the mail service refuses for reasons of the sender's account."""

    def note(self, trouble: MailTrouble, now: datetime) -> None: ...
    def current(self, now: datetime) -> list[TroubleMet]:
        """Those that were met a short while ago, longest known first."""


class Mailer(Protocol):
    def send(self, letter: OutgoingMail) -> str:
        """Hand an email to the mail service once; returns its message id.

        Raises MailRefused for good; else MailThrottled, AccountRefused, MailUnanswered where it may have been
        taken, or Unavailable where it was not.
        """

    def read_quota(self) -> SendingQuota | None:
        """How fast and how much the account may send; None where the service does not say."""

    def release(self, address: str) -> None:
        """Take an address off the mail service's own list. Raises MailRefused or Unavailable."""


class SuppressionList(Protocol):
    """Addresses that no email goes to any more."""

    def get(self, address: str) -> SuppressedAddress | None: ...
    def get_by_hash(self, held_id: str) -> SuppressedAddress | None: ...
    def read_along(self, addresses: Sequence[str]) -> None:
        """Have the next read of several things, such as files, bring along whether these are held back, for
        this request alone; who asks for it later makes no call.
        """

    def get_among(self, addresses: Sequence[str]) -> list[SuppressedAddress]:
        """Those of at most 100 addresses that are held back."""

    def list_newest(self, cursor: str | None, limit: int) -> Page[SuppressedAddress]: ...
    def release(self, held: SuppressedAddress, record: AuditRecord) -> bool:
        """And forget what came back before. False where it is not as it was read."""

    def count_soft_bounce(self, address: str, message_id: str, now: datetime) -> int:
        """Note an email that came back for now; how many did since one arrived, this one counted once."""

    def record_arrival(self, address: str) -> None: ...


class MailRenderer(Protocol):
    def render_invitation(self, share: Share, recipient: Recipient, address: str) -> OutgoingMail:
        """The email that brings a recipient their link."""

    def render_notification(
        self, notice: Notification, share: Share, recipient: Recipient, address: str
    ) -> OutgoingMail:
        """Any other email about a share and a recipient; `address` is the recipient's own link."""

    def render_scan_news(self, notice: Notification) -> OutgoingMail:
        """The email that tells an owner that the malware scan closed a file, and why."""

    def render_handover(self, notice: Notification) -> OutgoingMail:
        """The email that tells someone what was handed over, from them or to them."""

    def render_webhook_news(self, notice: Notification) -> OutgoingMail: ...
    def render_not_sent(self, notice: Notification) -> OutgoingMail: ...
    def render_data_news(self, notice: Notification) -> OutgoingMail:
        """The email that tells someone that the archive of their data is ready."""

    def render_code(self, share: Share, recipient: Recipient, code: str, language: str) -> OutgoingMail:
        """The email that brings a one-time code, and never the link."""

    def render_digest(self, news: Sequence[DigestEntry]) -> OutgoingMail:
        """One email that tells an owner one or several things."""

    def render_endings(self, news: Sequence[EndingEntry]) -> OutgoingMail:
        """One email that tells an owner of all these files that they go to the trash soon."""
