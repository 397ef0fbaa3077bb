"""Sealing the audit log, once a minute: what each shard got since, and what came late (docs/audit.md).

A chain in the way of every write would make all of them meet on one item. So records are sealed after they
are written: each is read once when it has settled; a quarter of an hour later its minute is read again,
and once more when its day is over. Who writes records of hours ago notes it, and these are looked for soon.
What a seal takes is counted in its transaction, so each record once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import takewhile

from portal.domain.audit.marks import SHARDS
from portal.domain.audit.record import AuditRecord
from portal.domain.audit.seals import (
    SECOND_LOOK,
    SETTLING,
    THIRD_LOOK,
    LateNote,
    SealHead,
    begin_shard,
    day_of,
    make_leaf,
    make_seal,
    mark_at,
    next_day,
    next_span,
    span_of,
    split_for_seals,
    time_of,
)
from portal.domain.usage.folding import fold_up_to
from portal.engine.budgets import MIN_REMAINING_SECONDS, SecondsLeft
from portal.engine.metrics import Metric, emit
from portal.engine.services import Services
from portal.engine.workflow import isolate_failures
from portal.workflows.upkeep.action_metrics import emit_actions
from portal.workflows.upkeep.close_days import close_days
from portal.workflows.upkeep.service_state import report_age
from portal.workflows.webhooks.announcing import Announcer

log = logging.getLogger(__name__)

READ_AT_ONCE = 500  # records: about a megabyte, which a query gives at most
AT_ONCE = timedelta(minutes=5)  # of the log that is read a second time, as each time is noted
MOST_COUNTERS = 60  # that one seal's transaction changes; it may have 100 writes


class Overtaken(Exception):
    """Another worker went on from the same head."""


class OutOfTime(Exception):
    """The part's time is over."""


def seal_log(services: Services, seconds_left: SecondsLeft) -> None:
    """Every shard as far as the time goes, beginning with another one each minute; then days that are
    over.
    """
    now = services.clock()
    known = {head.shard: head for head in services.seals.list_heads()}
    without_late, announcer = set[str](), Announcer(services)
    behind = oldest = 0.0
    for place in range(SHARDS):
        shard = (place + now.minute) % SHARDS
        head = known.get(shard) or begin_shard(shard, known.values(), now)
        sealing = Sealing(head, now, services, seconds_left, without_late, announcer)
        try:
            sealing.run()
        except (Overtaken, OutOfTime) as why:
            log.info("a shard is not sealed to its end", extra={"shard": shard, "why": type(why).__name__})
        behind = max(behind, sealing.seconds_behind())
        oldest = max(oldest, sealing.oldest)
    report_age("audit_seals", int(behind))
    if oldest:
        emit({Metric.AUDIT_SEAL: oldest})
    close_days(services, now, seconds_left)


@dataclass
class Sealing:
    """One shard's turn. What it passes by is kept with the next seal, or once at the end: days without a
    record cost no write each, and a quiet log none a minute.
    """

    head: SealHead
    now: datetime
    services: Services
    seconds_left: SecondsLeft
    without_late: set[str]  # days in which nobody noted anything, as the shards before this one saw them
    announcer: Announcer
    without_records: set[str] = field(default_factory=set)  # days of this shard
    is_current: bool = False
    oldest: float = 0.0  # of the records sealed: for how long one waited, in seconds

    def __post_init__(self) -> None:
        self.kept = self.head

    def run(self) -> None:
        """Raises Overtaken and OutOfTime; what was passed by until the time was over is kept."""
        try:
            self.seal_everything()
        except OutOfTime:
            self.keep_positions()
            raise
        self.keep_positions()

    def keep_positions(self) -> None:
        if list_positions(self.head) == list_positions(self.kept):
            return
        after = self.change()
        if not self.services.seals.move(self.head, after):
            raise Overtaken()
        self.head = self.kept = after

    def check_time(self) -> None:
        if self.seconds_left() < MIN_REMAINING_SECONDS:
            raise OutOfTime()

    def seal_everything(self) -> None:
        self.seal_new()
        self.is_current = True
        self.look_at_late()
        again_to = span_of(mark_at(self.now - SECOND_LOOK))
        if time_of(again_to) - time_of(self.head.again_to) >= AT_ONCE:
            self.look_again("again_to", again_to)
        self.look_again("day_to", day_of(mark_at(self.now - THIRD_LOOK)))

    def seconds_behind(self) -> float:
        """For how long records may have been settled that were not read yet."""
        until = self.now - SETTLING
        return 0.0 if self.is_current else max(0.0, (until - time_of(self.head.read_to)).total_seconds())

    def seal_new(self) -> None:
        """Records from where the head has come to up to those that have settled, day by day."""
        until = mark_at(self.now - SETTLING)
        while self.head.read_to < until:
            records = self.read(self.head.read_to)
            settled = [each for each in records if each.mark < until]
            for some in split_for_seals(settled):
                self.seal(some, is_new=True)
            if len(settled) == READ_AT_ONCE:
                continue
            day = day_of(self.head.read_to)
            if len(settled) < len(records) or day == day_of(until):
                self.pass_by(read_to=until)
                return
            if self.head.read_to == day:
                self.without_records.add(day)
            self.pass_by(read_to=next_day(day))

    def look_at_late(self) -> None:
        """Spans in which somebody has written late."""
        until = self.now - SETTLING
        while self.head.late_to < span_of(mark_at(until)):
            day = day_of(self.head.late_to)
            notes = self.list_late(until)
            for note in notes:
                self.look_at(note.span, note.noted_at)
            if notes:
                self.pass_by(late_to=notes[-1].place)
            elif day == day_of(mark_at(until)):
                return
            else:
                self.pass_by(late_to=next_day(day))

    def list_late(self, until: datetime) -> list[LateNote]:
        """Notes of a day from where the head has come to; each whole day without any is looked up once."""
        day = self.head.late_to
        if day in self.without_late:
            return []
        self.check_time()
        notes = self.services.seals.list_late(day, until)
        if not notes and day == day_of(day):
            self.without_late.add(day)
        return notes

    def look_again(self, name: str, limit: str) -> None:
        """Spans before the limit that have been read, a further time. name: of the head's position."""
        limit = min(limit, span_of(self.head.read_to))
        position = getattr(self.head, name)
        try:
            while position < limit:
                span = self.find_span(position)
                if span is None and day_of(position) < day_of(limit):
                    position = next_day(day_of(position))
                elif span is None or span >= limit:
                    position = limit
                else:
                    self.look_at(span)
                    position = next_span(span)
        finally:
            self.pass_by(**{name: position})

    def find_span(self, position: str) -> str | None:
        """The first span of the position's day, from there on, that has records or seals."""
        if day_of(position) in self.without_records:
            return None
        records = self.read(position, 1)
        sealed = self.services.seals.find_sealed_span(self.head.shard, position)
        return min([span_of(each.mark) for each in records] + ([sealed] if sealed else []), default=None)

    def look_at(self, span: str, since: datetime | None = None) -> None:
        """Seal what a span has got since, as far as it was read before, and compare what was sealed of it."""
        if span > self.head.read_to:
            return
        sealed = self.services.seals.get_leaves(self.head.shard, span)
        records = [each for each in self.read_span(span) if each.mark <= self.head.read_to]
        self.compare(sealed, records)
        for some in split_for_seals(each for each in records if each.mark not in sealed):
            self.seal(some, since)

    def compare(self, sealed: dict[str, bytes], records: Sequence[AuditRecord]) -> None:
        """Tell the operator of records that are not as they were sealed."""
        now = {leaf.mark: leaf.hash for leaf in map(make_leaf, records)}
        altered = [mark for mark, hashed in sealed.items() if now.get(mark) != hashed]
        if altered:
            log.error("audit records are not as they were sealed", extra={"marks": sorted(altered)[:20]})
            emit({Metric.AUDIT_ALTERED: len(altered)})

    def seal(
        self, records: Sequence[AuditRecord], since: datetime | None = None, *, is_new: bool = False
    ) -> None:
        """Records of one span, in as many seals as their counters need. since: when they were written, where
        that is not their time.
        """
        waiting = list(records)
        while waiting:
            self.check_time()
            usage, taken = fold_up_to(waiting, MOST_COUNTERS)
            leaves = [make_leaf(each) for each in waiting[:taken]]
            made = make_seal(self.head, leaves, self.now)
            after = self.change(number=made.number, hash=made.hash, last_at=self.now)
            after = replace(after, read_to=made.to_mark) if is_new else after
            with isolate_failures("webhooks of what is sealed"):  # before: told twice is told once
                self.announcer.announce(waiting[:taken])
            if not self.services.seals.append(self.head, after, made, leaves, usage):
                raise Overtaken()
            emit_actions(waiting[:taken])
            self.head = self.kept = after
            waiting = waiting[taken:]
            age = (self.now - (since or time_of(made.from_mark))).total_seconds()
            self.oldest = max(self.oldest, age)

    def pass_by(self, **positions: str) -> None:
        """Go on in memory; keep_positions writes it."""
        self.head = replace(self.head, **positions)  # type: ignore[arg-type]

    def change(self, **fields: object) -> SealHead:
        return replace(self.head, revision=self.head.revision + 1, **fields)  # type: ignore[arg-type]

    def read(self, after: str, limit: int = READ_AT_ONCE) -> list[AuditRecord]:
        """Records of the position's day behind it."""
        self.check_time()
        day = date.fromisoformat(day_of(after))
        return self.services.audit.read_shard(day, self.head.shard, after, limit)

    def read_span(self, span: str) -> list[AuditRecord]:
        found, after = list[AuditRecord](), span
        while True:
            records = self.read(after)
            found += takewhile(lambda each: span_of(each.mark) == span, records)
            if len(records) < READ_AT_ONCE or span_of(records[-1].mark) != span:
                return found
            after = records[-1].mark


def list_positions(head: SealHead) -> tuple[str, ...]:
    """What is worth a write of its own: of how far the log was read once, only the day."""
    return day_of(head.read_to), head.late_to, head.again_to, head.day_to
