"""What an administrator has to look at now, most urgent first, out of what the schedule found in its last
minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from portal.domain.mail.account_problems import TroubleMet
from portal.domain.usage.figures import Figure

TICK_LATE = timedelta(minutes=5)  # the schedule comes every minute
WORK_LATE = timedelta(minutes=15)
COUNTED_FAILED = 100  # of emails that failed; more are "100 or more"
# "Reputation metrics messages", Amazon SES developer guide: at the first rate an account is put under review,
# at the second its sending may be paused.
BOUNCE_REVIEW, BOUNCE_PAUSE = 0.05, 0.10
COMPLAINT_REVIEW, COMPLAINT_PAUSE = 0.001, 0.005
LEAST_MAILS = 200  # of fewer a single bounce says nothing; the service, too, looks at many


@dataclass(frozen=True)
class ServiceState:
    """What the schedule found. oldest_due: since when the oldest of each kind of work has been due, where
    anything is; failed_mails, quarantined: at most `COUNTED_FAILED`; dead_letters: None where nobody could
    say; sealed_at: when records of the audit log were last sealed, and so counted.
    """

    ticked_at: datetime
    oldest_due: Mapping[str, datetime] = field(default_factory=dict)
    failed_mails: int = 0
    dead_letters: int | None = None
    troubles: tuple[TroubleMet, ...] = ()
    sealed_at: datetime | None = None
    quarantined: int = 0


class Level(StrEnum):
    FINE = "fine"
    REVIEW = "review"
    PAUSE = "pause"


@dataclass(frozen=True)
class MailRates:
    """How many of the emails sent came back for good, and how many were called spam; None of none sent."""

    sent: int
    bounces: int
    complaints: int

    @classmethod
    def from_counts(cls, counts: Mapping[Figure, int]) -> MailRates:
        names = (Figure.MAILS_SENT, Figure.BOUNCES, Figure.COMPLAINTS)
        return cls(*(counts.get(each, 0) for each in names))

    @property
    def bounce_rate(self) -> float | None:
        return self.bounces / self.sent if self.sent else None

    @property
    def complaint_rate(self) -> float | None:
        return self.complaints / self.sent if self.sent else None

    @property
    def bounce_level(self) -> Level:
        return self.level(self.bounce_rate, BOUNCE_REVIEW, BOUNCE_PAUSE)

    @property
    def complaint_level(self) -> Level:
        return self.level(self.complaint_rate, COMPLAINT_REVIEW, COMPLAINT_PAUSE)

    def level(self, rate: float | None, review: float, pause: float) -> Level:
        if rate is None or self.sent < LEAST_MAILS or rate < review:
            return Level.FINE
        return Level.PAUSE if rate >= pause else Level.REVIEW


class Concern(StrEnum):
    NO_TICK = "no_tick"  # the schedule does not come, so nothing else is known either
    MAIL_REFUSED = "mail_refused"
    DEAD_LETTERS = "dead_letters"
    WORK_LATE = "work_late"
    COMPLAINTS = "complaints"
    BOUNCES = "bounces"
    QUARANTINED = "quarantined"  # files that the malware scan keeps closed
    MAILS_FAILED = "mails_failed"


@dataclass(frozen=True)
class Attention:
    """One concern. since: from when on; count: how many; kind: of which work, or which trouble."""

    concern: Concern
    since: datetime | None = None
    count: int = 0
    kind: str = ""

    @property
    def is_urgent(self) -> bool:
        return self.concern not in {Concern.QUARANTINED, Concern.MAILS_FAILED}


def find_concerns(state: ServiceState | None, rates: MailRates, now: datetime) -> list[Attention]:
    """state: None where the schedule has never come."""
    if state is None or now - state.ticked_at > TICK_LATE:
        return [Attention(Concern.NO_TICK, state.ticked_at if state else None)]
    found = [Attention(Concern.MAIL_REFUSED, each.first_at, kind=each.kind) for each in state.troubles]
    if state.dead_letters:
        found.append(Attention(Concern.DEAD_LETTERS, count=state.dead_letters))
    late = {kind: due_at for kind, due_at in state.oldest_due.items() if now - due_at > WORK_LATE}
    if late:
        kind = min(late, key=lambda each: late[each])
        found.append(Attention(Concern.WORK_LATE, late[kind], kind=kind))
    if rates.complaint_level is not Level.FINE:
        found.append(Attention(Concern.COMPLAINTS, count=rates.complaints))
    if rates.bounce_level is not Level.FINE:
        found.append(Attention(Concern.BOUNCES, count=rates.bounces))
    if state.quarantined:
        found.append(Attention(Concern.QUARANTINED, count=state.quarantined))
    if state.failed_mails:
        found.append(Attention(Concern.MAILS_FAILED, count=state.failed_mails))
    return found
