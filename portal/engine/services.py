"""What workflows and queries are handed: the services behind them, as interfaces. `aws/` fulfils them.

Writes are conditional, and each says what it returns when its condition did not hold; nothing here raises for
that. Failing calls raise `Unavailable`. Cursors are opaque texts, bound to the list they belong to (R62).
An id that is none is one that is not there: whoever asks need not look at it first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from portal.domain.audit.exports import AuditExport
from portal.domain.audit.record import AuditRecord
from portal.domain.audit.search import AuditSearch, FoundRecords, RecordsRead
from portal.domain.clock import Clock
from portal.domain.files.file import File, ObjectVersion, PresignedPost, SharedFile, StoredObject
from portal.domain.links.codes import Code, CodeKeys
from portal.domain.links.tokens import LinkKeys
from portal.domain.mail.mail_job import ResendResult
from portal.domain.mail.unsubscribe_tokens import SwitchKeys
from portal.domain.paging import Page
from portal.domain.people.data_exports import DataExport
from portal.domain.people.directory import DirectoryAnswer
from portal.domain.people.person import Role
from portal.domain.policy.limits import Limits
from portal.domain.shares.drafts import Draft
from portal.domain.shares.share import Recipient, Share
from portal.domain.uploads.upload_keys import UploadKeys
from portal.domain.usage.prices import PriceTable
from portal.engine.admin_services import Everyone
from portal.engine.audit_services import Exports, ExportStore
from portal.engine.download_services import AccessLogs, Downloads, FileAccess, Following
from portal.engine.draft_services import Drafts, Spreads
from portal.engine.ending_services import FileEndings
from portal.engine.file_services import Files, FileShares, SharedFiles
from portal.engine.handover_services import Handovers
from portal.engine.hold_services import Holds
from portal.engine.mail_services import (
    AccessRequests,
    Mailer,
    MailRenderer,
    MailTroubles,
    Outbox,
    SuppressionList,
)
from portal.engine.people_services import Directory, People, PeopleAdministration, PersonalData
from portal.engine.policy_services import MailCounts, Policies, Rates
from portal.engine.recipient_services import Groups, KnownAddresses
from portal.engine.report_services import QueryService, ReportNames, ReportResults, Reports
from portal.engine.scan_services import Scanner, Scans
from portal.engine.seal_services import RootStore, Seals
from portal.engine.token_services import AccessTokens, ServiceAccounts
from portal.engine.upload_services import Parts, Quotas
from portal.engine.usage_services import DeadLetters, DueTimes, UsageCounters, UsageMending
from portal.engine.work_services import Lanes, WorkQueue

if TYPE_CHECKING:
    from portal.domain.webhooks.signatures import WebhookKeys
    from portal.engine.webhook_services import Deliveries, WebhookPoster, Webhooks


class Shares(Protocol):
    def create(
        self,
        share: Share,
        files: Sequence[File],
        recipients: Sequence[Recipient],
        record: AuditRecord,
        most_mails: int,
        draft_id: str,
        draft: Draft | None = None,
    ) -> bool:
        """Share, recipients, email jobs, marks on the files, the addresses to suggest and the record, in one
        transaction, and the draft of this id goes with it. draft: of what is sent by itself.

        False where a share of this id is there already; raises Conflict where a file is not ready any more,
        or the draft not to be sent (`not_wished`); MailsUsedUp where its owner would send more than
        `most_mails` on this day.
        """

    def get(self, share_id: str) -> Share | None: ...
    def get_with_recipient(
        self, share_id: str, recipient_id: str, *, with_code: bool = False
    ) -> tuple[Share, Recipient] | None:
        """with_code: whether the recipient's newest code is read next, and so in the same call."""

    def get_with_recipients(self, share_id: str) -> tuple[Share, list[Recipient]] | None: ...
    def list_to_remind(self, now: datetime) -> Iterator[str]:
        """The ids of all shares whose reminders are to be looked at, each once."""

    def set_next_reminder(self, share: Share, next_at: datetime | None) -> None: ...
    def mark_deleted(self, share: Share, now: datetime) -> bool:
        """From here on it goes for good; False where it is gone. Raises Held where a hold is on it or on its
        owner.
        """

    def delete(self, share_id: str) -> None:
        """Remove a share that is marked, and all that belongs to it; safe to repeat."""

    def list_page(self, owner_id: str, cursor: str | None, limit: int) -> Page[Share]: ...
    def get_many(self, share_ids: Sequence[str]) -> list[Share]: ...
    def get_recipients(self, shares: Sequence[Share], most: int) -> list[Recipient]:
        """The recipients of these shares, up to so many, in a read for each hundred."""

    def list_for_address(
        self, address: str, cursor: str | None, limit: int
    ) -> Page[tuple[Share, Recipient]]: ...


class ShareChanges(Protocol):
    """What becomes of a share after it was sent; each is one transaction with its record."""

    def change(
        self,
        before: Share,
        after: Share,
        recipients: Sequence[Recipient],
        files: Sequence[File],
        record: AuditRecord,
    ) -> bool:
        """All of `after` that may be changed; these files live as long as it.

        False where the share, its recipients or one of the files is not as it was read.
        """

    def add(
        self,
        share: Share,
        recipients: Sequence[Recipient],
        record: AuditRecord,
        most_mails: int,
        instead_of: Recipient | None = None,
    ) -> bool:
        """New recipients, and withdrawn ones that come back; their emails are queued and counted.

        Raises MailsUsedUp. False where the share is not open any more or not as it was read, or one of them
        is there in the meantime.
        """

    def send_again(
        self, share: Share, recipient: Recipient, seen: str, most: int, record: AuditRecord, most_mails: int
    ) -> ResendResult:
        """Queue a recipient's email again. REPEATED: the last one is not the one that was seen,
        or still waits; TOO_OFTEN: that was `most` times today. Raises MailsUsedUp.
        """

    def withdraw(self, share: Share, record: AuditRecord) -> bool: ...
    def withdraw_recipient(self, share: Share, recipient: Recipient, record: AuditRecord) -> bool: ...


class Codes(Protocol):
    """One-time codes, one a recipient, and tries of passwords."""

    def newest(self, recipient: Recipient) -> Code | None: ...
    def issue(self, recipient: Recipient, code: Code, before: Code | None, record: AuditRecord) -> bool:
        """Put a code in the place of the one that was read before; False where that one is gone already."""

    def take_back(self, recipient: Recipient, code: Code) -> None:
        """A code whose email did not go out: it opens nothing and is not counted."""

    def claim_try(self, recipient: Recipient, code: Code, now: datetime) -> bool:
        """Take one of the code's tries; False where none is left or the code is over."""

    def use(self, recipient: Recipient, code: Code, record: AuditRecord) -> bool:
        """Use a code up; False where someone was quicker."""

    def claim_password_try(self, recipient: Recipient, now: datetime, most: int) -> bool: ...


class AuditLog(Protocol):
    def write(self, record: AuditRecord) -> None: ...
    def get(self, mark: str) -> AuditRecord | None: ...
    def list_newest(self, now: datetime, cursor: str | None, limit: int) -> Page[AuditRecord]:
        """Newest first; a page may be short, and only the last has none after it."""

    def search(self, search: AuditSearch, now: datetime, cursor: str | None, limit: int) -> FoundRecords:
        """The same of those that fit; a page that met few of them ends short and has a next one."""

    def read_back(self, search: AuditSearch, position: str, limit: int) -> RecordsRead:
        """The same from a position in the log, such as `RecordsRead` names."""

    def list_about(self, thing: str, cursor: str | None, limit: int) -> Page[AuditRecord]: ...
    def read_shard(self, day: date, shard: int, after_mark: str, limit: int) -> list[AuditRecord]:
        """A shard of a day (UTC), oldest first, consistently read; fewer than `limit` only at its end."""


class Objects(Protocol):
    """The bytes. Presigning is local: no call is made."""

    def origin(self) -> str:
        """Scheme, host and port of every address signed here; the same for the life of the process."""

    def post_form(self, file: File, redirect: str | None, seconds: int) -> PresignedPost: ...
    def download_address(self, file: SharedFile, note: str, seconds: int, request_id: str = "") -> str:
        """note, request_id: of whose download and of which request the bucket's access log tells."""

    def preview_address(self, file: SharedFile, note: str, seconds: int, request_id: str = "") -> str:
        """The same for a browser to show; only for a file that `shown_as` says something of."""

    def head(self, key: str, version_id: str = "") -> StoredObject | None: ...
    def put(self, file: File, data: bytes) -> None:
        """Store a small file's bytes as they were announced, as a browser would."""

    def copy(self, source: File, target: File) -> None:
        """Copy the bytes inside S3. Raises Unavailable where that takes longer than a call may."""

    def versions(self, key: str) -> list[ObjectVersion]: ...
    def set_legal_hold(self, key: str, *, on: bool) -> bool:
        """S3's own legal hold on every version of a key; False where the bucket has no Object Lock."""

    def remove(self, key: str, version_id: str = "") -> None:
        """Remove one version, or all of them where none is named."""


@dataclass(frozen=True)
class Services:
    """Everything outside, in one bundle. limits: the environment's; in a request of someone who is signed in,
    what policies make of these for this person. read_roles: of the groups that somebody is in; raises
    Forbidden where these let nobody in. directory_answers: those that this process knows, by subject
    (`rights.py`).
    """

    files: Files
    shares: Shares
    changes: ShareChanges
    downloads: Downloads
    following: Following
    file_access: FileAccess
    scans: Scans
    scanner: Scanner
    file_shares: FileShares
    shared_files: SharedFiles
    file_endings: FileEndings
    drafts: Drafts
    spreads: Spreads
    outbox: Outbox
    access_requests: AccessRequests
    mail_counts: MailCounts
    mail_troubles: MailTroubles
    rates: Rates
    audit: AuditLog
    objects: Objects
    access_logs: AccessLogs
    parts: Parts
    quotas: Quotas
    mailer: Mailer
    suppression_list: SuppressionList
    people: People
    people_administration: PeopleAdministration
    access_tokens: AccessTokens
    service_accounts: ServiceAccounts
    directory: Directory
    mail_renderer: MailRenderer
    links: LinkKeys
    codes: Codes
    code_keys: CodeKeys
    switches: SwitchKeys
    groups: Groups
    known: KnownAddresses
    upload_keys: UploadKeys
    due_times: DueTimes
    lanes: Lanes
    work_queue: WorkQueue
    everyone: Everyone
    audit_exports: Exports[AuditExport]
    data_exports: Exports[DataExport]
    personal_data: PersonalData
    exports: ExportStore
    handovers: Handovers
    holds: Holds
    usage: UsageCounters
    usage_mending: UsageMending
    reports: Reports
    query_service: QueryService
    report_results: ReportResults
    report_names: ReportNames
    prices: PriceTable
    dead_letters: DeadLetters
    policies: Policies
    environment_limits: Limits
    seals: Seals
    webhooks: Webhooks
    deliveries: Deliveries
    webhook_poster: WebhookPoster
    webhook_keys: WebhookKeys
    root_store: RootStore
    limits: Limits
    read_roles: Callable[[Iterable[str]], frozenset[Role]]
    link_address: Callable[[str], str]
    clock: Clock
    extra_steps: Mapping[str, Mapping[str, Iterable[Any]]] = field(default_factory=dict)
    secret_key_made: date | None = None
    directory_answers: dict[str, DirectoryAnswer] = field(default_factory=dict)
