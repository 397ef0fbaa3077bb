"""The minute's tick where there is a queue of work: it plans, with one query for each kind, and workers do
what is due, each kind in a lane of its own.

The index of what is due stays the truth: a message names a lane and nothing that is to be done there. So one
that comes twice, late or never changes only when; and a worker that is killed leaves due what it did not
finish. A lane has one worker at a time, and the queue has as many workers as there are lanes: no kind waits
for another, however much there is of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from portal.domain.errors import Unavailable
from portal.domain.ids import make_sortable_id
from portal.engine.budgets import Budget, Part, run_apart, run_in_turn
from portal.engine.services import Services
from portal.workflows.files.scan_results import ask_for_results
from portal.workflows.mail.mail_jobs import send_due
from portal.workflows.mail.pacing import send_due_at_pace
from portal.workflows.mail.reminders import remind_due
from portal.workflows.people.account import remove_closed
from portal.workflows.people.handover import hand_over_due
from portal.workflows.policy.legal_holds import lock_held
from portal.workflows.shares.sending import send_due_drafts
from portal.workflows.shares.spreading import spread_due
from portal.workflows.upkeep import sweep
from portal.workflows.upkeep.service_state import report_state
from portal.workflows.upkeep.write_data import write_data_exports
from portal.workflows.upkeep.write_exports import write_exports
from portal.workflows.usage.running import run_reports
from portal.workflows.webhooks.announcing import announce_recent
from portal.workflows.webhooks.delivering import deliver_due

# Each by the name that what is due has (`DueTimes`); a test holds that none is missing.
LANES: Mapping[str, Part] = {
    "mail": send_due_at_pace, "file": sweep.sweep_files, "reminder": remind_due, "sending": send_due_drafts,
    "spreading": spread_due, "scan": ask_for_results, "webhook": deliver_due, "account": remove_closed,
    "handover": hand_over_due,
    "hold": lock_held, "export": write_exports, "data_export": write_data_exports, "report": run_reports,
}  # fmt: skip
# What nothing falls due of: the tick itself looks whether there is something to do.
NOT_STANDING = {*LANES.values(), send_due, announce_recent}
STANDING = tuple(each for each in sweep.PARTS if each not in NOT_STANDING)


@dataclass
class Planning:
    """A part of the tick. oldest: since when the oldest of each kind has been due, once that is known."""

    oldest: Mapping[str, datetime | None] = field(default_factory=dict)

    def __call__(self, services: Services, seconds_left: Callable[[], float]) -> None:
        now = services.clock()
        self.oldest = services.due_times.oldest(now)
        due = [lane for lane, due_at in self.oldest.items() if due_at]
        services.work_queue.send([lane for lane in due if services.lanes.plan(lane, now)])


def tick(services: Services, seconds_left: Callable[[], float]) -> None:
    """What the schedule does each minute."""
    if not services.work_queue.is_there:
        sweep.sweep(services, seconds_left)
        return
    planning = Planning()
    run_in_turn((announce_recent, planning, *STANDING), services, seconds_left)
    with suppress(Unavailable):
        report_state(services, planning.oldest)


def work(lane: str, services: Services, seconds_left: Callable[[], float]) -> bool:
    """What is due in a lane, as far as the time goes; what is left is planned at once. False where somebody
    is at it.
    """
    now = services.clock()
    worker = make_sortable_id(now)
    if not services.lanes.begin(lane, worker, now):
        return False
    budget = Budget(seconds_left, 0.0)
    try:
        is_over = run_apart(LANES[lane], services, budget)
    finally:
        services.lanes.end(lane, worker)
    if is_over and budget.is_spent and services.lanes.plan(lane, services.clock()):
        services.work_queue.send([lane])
    return True
