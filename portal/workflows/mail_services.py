"""What workflows are handed for mail: its outbox, what is asked by mail, who writes it and who takes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from portal.domain.audit import AuditRecord
from portal.domain.files import File
from portal.domain.letters import Letter
from portal.domain.notices import MailPlace, News, Notice
from portal.domain.paging import Page
from portal.domain.shares import Asking, MailJob, Recipient, Share
from portal.domain.suppression import Held


class Outbox(Protocol):
    def due(self, now: datetime, limit: int) -> list[MailPlace]:
        """Where the mails stand that are to be sent now, oldest first."""

    def notice(self, notice_id: str) -> Notice | None: ...
    def queue(self, notice: Notice) -> bool:
        """Add a mail by itself; False where it is there already."""

    def waiting(self, person_id: str, limit: int) -> list[Notice]:
        """What somebody is to be told of by and by, oldest first."""

    def put_off(self, notice: Notice, until: datetime) -> None: ...
    def take_turn(self, person_id: str, now: datetime, gap: timedelta) -> datetime | None:
        """Take the turn to tell somebody something; else when the last turn was, less than the gap ago."""

    def claim(self, what: Recipient | Notice, now: datetime, lease_seconds: int) -> bool:
        """Take a mail for sending; False where somebody else has it or it is not to be sent (R53)."""

    def settle(
        self,
        what: Recipient | Notice,
        job: MailJob,
        record: AuditRecord | None,
        notices: Sequence[Notice] = (),
        held: Held | None = None,
    ) -> bool:
        """What became of a mail, and the mails that this causes; held: the address is held back from now."""

    def of_message(self, message_id: str) -> list[MailPlace]:
        """Where the jobs stand of the mail that the mail service tells something of (R55)."""


class Asks(Protocol):
    """Recipients' requests for more, each in one transaction with the mail that tells of it."""

    def ask(
        self,
        recipient: Recipient,
        asking: Asking,
        earlier: datetime,
        most: int,
        notice: Notice,
        record: AuditRecord,
    ) -> str:
        """Returns "asked"; or what was in the way: "recipient" (asked since `earlier`), "share" (as many wait
        as may).
        """

    def give(
        self,
        share: Share,
        recipients: Sequence[Recipient],
        answered: Recipient,
        until: datetime | None,
        files: Sequence[File],
        notice: Notice,
        record: AuditRecord,
    ) -> bool: ...
    def decline(self, share: Share, answered: Recipient, notice: Notice, record: AuditRecord) -> bool: ...


class Mailer(Protocol):
    def send(self, letter: Letter) -> str:
        """Hand a mail to the mail service; returns its message id. Raises MailRefused or Unavailable."""

    def release(self, address: str) -> None:
        """Take an address off the mail service's own list. Raises MailRefused or Unavailable."""


class Suppressed(Protocol):
    """Addresses that no mail goes to any more."""

    def of(self, address: str) -> Held | None: ...
    def marked(self, held_id: str) -> Held | None: ...
    def among(self, addresses: Sequence[str]) -> list[Held]:
        """Those of at most 100 addresses that are held back."""

    def newest(self, cursor: str | None, limit: int) -> Page[Held]: ...
    def release(self, held: Held, record: AuditRecord) -> bool:
        """And forget what came back before. False where it is not as it was read."""

    def came_back_for_now(self, address: str, message_id: str, now: datetime) -> int:
        """Note a mail that came back for now; how many did since one arrived, this one counted once."""

    def arrived(self, address: str) -> None: ...


class Letters(Protocol):
    def invitation(self, share: Share, recipient: Recipient, address: str) -> Letter:
        """The mail that brings a recipient their link."""

    def notice(self, notice: Notice, share: Share, recipient: Recipient, address: str) -> Letter:
        """Any other mail about a share and a recipient; `address` is the recipient's link, for them alone."""

    def code(self, share: Share, recipient: Recipient, code: str, language: str) -> Letter:
        """The mail that brings a one-time code, and never the link."""

    def news(self, news: Sequence[News]) -> Letter:
        """One mail that tells an owner one or several things."""
