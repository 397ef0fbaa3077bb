"""The schedule with a queue: the tick plans and workers work, whatever is lost, comes twice or dies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations

import pytest

from portal.aws.tables.due import KINDS
from portal.aws.tables.lanes_table import LEASE_SECONDS, PLANNED_SECONDS
from portal.domain.errors import Unavailable
from portal.domain.mail.account_problems import MailTrouble
from portal.domain.mail.email_message import OutgoingMail
from portal.domain.mail.sending_pace import SendingQuota
from portal.engine.budgets import MIN_REMAINING_SECONDS
from portal.engine.services import Services
from portal.engine.workflow import run
from portal.workflows.files import owned_files
from portal.workflows.upkeep import sweep
from portal.workflows.upkeep.planning import LANES, STANDING, tick, work
from tests.actions import list_mails, list_objects, make_person, make_request, share_files, upload_file
from tests.builders import Running

pytestmark = pytest.mark.requirement("R77")

ANA = make_person("Ana Lopes")


@dataclass
class Queue:
    """Keeps what is sent; out of order: it takes nothing."""

    sent: list[str] = field(default_factory=list)
    is_there: bool = True
    is_down: bool = False

    def send(self, lanes: Sequence[str]) -> None:
        if self.is_down:
            raise Unavailable
        self.sent += lanes


class Mailer:
    """Takes emails once it is up; says its quota."""

    def __init__(self, portal: Running, quota: SendingQuota | None = None) -> None:
        self.mailer, self.quota, self.is_up = portal.portal.services.mailer, quota, False

    def send(self, letter: OutgoingMail) -> str:
        if not self.is_up:
            raise Unavailable
        return self.mailer.send(letter)

    def read_quota(self) -> SendingQuota | None:
        return self.quota


@dataclass
class Planned:
    """A portal with an email, a file past its grace and a reminder that are due, and a queue."""

    portal: Running
    services: Services
    queue: Queue
    mailer: Mailer

    def left(self) -> tuple[int, int]:
        """Objects that are there, and emails sent."""
        return len(list_objects(self.portal)), len(list_mails(self.portal))


def minutes() -> float:
    return 60.0


def make_due(
    portal: Running, trashed: int = 1, people: int = 1, quota: SendingQuota | None = None
) -> Planned:
    queue, mailer = Queue(), Mailer(portal, quota)
    services = replace(portal.portal.services, work_queue=queue, mailer=mailer)  # type: ignore[arg-type]
    kept = upload_file(portal, ANA)
    for number in range(trashed):
        gone = upload_file(portal, ANA, f"old-{number}.pdf")
        asked = owned_files.ChangeFile(make_request(ANA, portal), file_id=gone.id)
        run(owned_files.TRASH, asked, services)
    portal.clock.turn(days=15)
    addresses = ", ".join(f"partner-{number}@example.com" for number in range(people))
    waiting = replace(portal, portal=replace(portal.portal, services=services))
    share_files(waiting, ANA, [kept], recipients_text=addresses)
    portal.clock.turn(minutes=5)
    mailer.is_up = True
    return Planned(portal, services, queue, mailer)


@pytest.fixture
def planned(portal: Running) -> Planned:
    return make_due(portal)


def test_every_kind_of_work_has_a_lane_and_the_tick_has_the_rest() -> None:
    assert set(LANES) == set(KINDS)
    names = {each.__name__ for each in (*LANES.values(), *STANDING)}  # type: ignore[attr-defined]
    swept = {each.__name__ for each in sweep.PARTS}
    assert names == swept - {"announce_recent", "send_due"} | {"send_due_at_pace"}


def test_the_tick_plans_and_workers_do_what_a_sweep_does(planned: Planned) -> None:
    tick(planned.services, minutes)
    assert (sorted(planned.queue.sent), planned.left()) == (["file", "mail", "reminder"], (2, 0))
    for lane in planned.queue.sent:
        assert work(lane, planned.services, minutes)
    assert planned.left() == (1, 1)


def test_without_a_queue_the_tick_does_all_of_it(planned: Planned) -> None:
    planned.queue.is_there = False
    tick(planned.services, minutes)
    assert (planned.queue.sent, planned.left()) == ([], (1, 1))


def test_what_is_planned_is_not_planned_again_until_its_message_must_be_lost(planned: Planned) -> None:
    for seconds, times in ((0, 1), (60, 1), (PLANNED_SECONDS - 61, 1), (1, 2)):
        planned.portal.clock.turn(seconds=seconds)
        tick(planned.services, minutes)
        assert planned.queue.sent.count("file") == times


def test_a_queue_that_is_down_delays_and_loses_nothing(planned: Planned) -> None:
    planned.queue.is_down = True
    tick(planned.services, minutes)
    planned.queue.is_down = False
    planned.portal.clock.turn(seconds=PLANNED_SECONDS)
    tick(planned.services, minutes)
    assert sorted(planned.queue.sent) == ["file", "mail", "reminder"]


@pytest.mark.parametrize("order", list(permutations(["mail", "file", "reminder", "mail", "file"]))[::23])
def test_messages_in_any_order_and_twice_come_to_the_same(portal: Running, order: tuple[str, ...]) -> None:
    planned = make_due(portal)
    for lane in order:
        assert work(lane, planned.services, minutes)
    assert planned.left() == (1, 1)


def test_a_lane_has_one_worker_and_one_that_died_leaves_it_when_its_lease_ends(planned: Planned) -> None:
    clock = planned.portal.clock
    assert planned.services.lanes.begin("file", "killed", clock())
    clock.turn(seconds=LEASE_SECONDS - 1)
    assert not work("file", planned.services, minutes)
    assert planned.left()[0] == 2
    tick(planned.services, minutes)
    assert "file" not in planned.queue.sent
    clock.turn(seconds=1)
    planned.services.lanes.end("file", "another")
    assert work("file", planned.services, minutes)
    planned.services.lanes.end("file", "killed")  # comes late, and is nobody's any more
    assert planned.left()[0] == 1


class Killed(BaseException):
    pass


@pytest.mark.parametrize("after", range(3))
def test_a_worker_that_is_killed_leaves_the_rest_due(
    portal: Running, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    """Anywhere among three files, and without a word: its lease is not given back."""
    planned, remove, asked = make_due(portal, trashed=3), portal.portal.services.objects.remove, list[str]()

    def die(key: str, version_id: str = "") -> None:
        asked.append(key)
        if len(asked) > after:
            raise Killed
        remove(key, version_id)

    monkeypatch.setattr(portal.portal.services.objects, "remove", die)
    monkeypatch.setattr(portal.portal.services.lanes, "end", lambda *_: None)
    with pytest.raises(Killed):
        work("file", planned.services, minutes)
    monkeypatch.undo()
    assert len(list_objects(portal)) == 4 - after
    portal.clock.turn(seconds=LEASE_SECONDS)
    assert work("file", planned.services, minutes)
    assert len(list_objects(portal)) == 1


def count_down(*left: float) -> Callable[[], float]:
    """The seconds left, one after the other; the last for ever."""
    values = list(left)
    return lambda: values.pop(0) if len(values) > 1 else values[0]


def test_a_worker_whose_time_is_over_has_the_lane_gone_on_with_at_once(portal: Running) -> None:
    planned = make_due(portal, trashed=3)
    assert work("file", planned.services, count_down(60.0, MIN_REMAINING_SECONDS - 1))
    assert planned.queue.sent == ["file"]
    assert len(list_objects(portal)) == 3
    assert work("file", planned.services, minutes)
    assert (planned.queue.sent, len(list_objects(portal))) == (["file"], 1)


def test_a_lane_that_fails_leaves_nothing_behind_and_is_planned_anew(
    planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> object:
        raise Unavailable

    monkeypatch.setattr(planned.services.files, "list_all_due", fail)
    assert work("file", planned.services, minutes)
    monkeypatch.undo()
    tick(planned.services, minutes)
    assert "file" in planned.queue.sent


def test_emails_keep_the_services_pace(portal: Running) -> None:
    """Four a second of its five; the first second's tokens are there."""
    planned = make_due(portal, people=12, quota=SendingQuota(5.0, 1000.0, 0.0))
    began = portal.clock()
    assert work("mail", planned.services, minutes)
    assert planned.left()[1] == 12
    assert (portal.clock() - began).total_seconds() == pytest.approx((12 - 4) / 4, abs=0.3)


def test_what_the_day_has_no_room_for_stays_due_and_is_told_of(portal: Running) -> None:
    """A tenth of the day is kept for pages."""
    planned = make_due(portal, people=12, quota=SendingQuota(100.0, 1000.0, 895.0))
    assert work("mail", planned.services, minutes)
    assert planned.left()[1] == 5
    (trouble,) = planned.services.mail_troubles.current(portal.clock())
    assert trouble.kind == MailTrouble.DAILY_QUOTA
    planned.mailer.quota = SendingQuota(100.0, None, 895.0)
    portal.clock.turn(minutes=5)
    assert work("mail", planned.services, minutes)
    assert planned.left()[1] == 12
